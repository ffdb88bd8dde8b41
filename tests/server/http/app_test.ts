import assert from "node:assert/strict";
import { createApp } from "../../../src/server/http/app.ts";
import type { RequestEnv } from "../../../src/server/http/request_env.ts";
import { pageFiles } from "../../../src/server/http/page_files.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";

const HOST = "127.0.0.1:8080";
const TOKEN = "the-token";
const SOCKET = { upgrade: "websocket", connection: "Upgrade", origin: `http://${HOST}` };

async function appWith(limits: { viewers?: number } = {}) {
  const viewers = new Viewers(fakeServer(), limits);
  const hosts = [HOST, "localhost:8080"];
  const app = createApp({ viewers, token: TOKEN, hosts, files: await pageFiles() });
  return {
    viewers,
    request: (path: string, headers: Record<string, string> = {}, env: RequestEnv = {}) =>
      app.request(`http://${HOST}${path}`, { headers: { host: HOST, ...headers } }, env),
  };
}

Deno.test("createApp serves the page, and nothing from elsewhere may run in it", async () => {
  const { request } = await appWith();
  const page = await request(`/?token=${TOKEN}`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>Deblur preview<\/title>/);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
});

Deno.test("createApp serves every part that the page names, with a type a browser takes", async () => {
  const { request } = await appWith();
  const html = await (await request(`/?token=${TOKEN}`)).text();
  const names = [...html.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, path]) => path ?? "");
  assert.ok(names.length >= 5);
  for (const name of names) {
    const part = await request(name);
    assert.equal(part.status, 200, name);
    assert.match(part.headers.get("content-type") ?? "", /^(text\/(css|javascript)|image\/svg)/);
    await part.body?.cancel();
  }
});

Deno.test("createApp refuses with 403 every Host, Origin and token but its own", async (t) => {
  const { request } = await appWith();
  const evil: [string, Record<string, string>][] = [
    ["a rebound name", { host: "evil.example:8080" }],
    ["its own name as a prefix", { host: "127.0.0.1:8080.evil.example" }],
    ["another port", { host: "127.0.0.1:8081" }],
    ["no port", { host: "127.0.0.1" }],
    ["an empty host", { host: "" }],
    ["another origin", { origin: "http://evil.example" }],
    ["an origin that contains its own", { origin: "http://127.0.0.1:8080.evil.example" }],
    ["an origin of another port", { origin: "http://127.0.0.1:3000" }],
    ["a null origin", { origin: "null" }],
    ["a host and an origin that differ", { host: "localhost:8080", origin: `http://${HOST}` }],
    ["a script of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ];
  for (const [what, headers] of evil) {
    await t.step(what, async () => {
      for (const path of ["/", "/health", "/static/main.js", "/api/sources", "/metrics", "/ws"]) {
        const socket = path === "/ws" ? SOCKET : {};
        const answer = await request(`${path}?token=${TOKEN}`, { ...socket, ...headers });
        assert.equal(answer.status, 403, path);
      }
    });
  }
  for (const token of ["", "wrong", `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase()]) {
    await t.step(`the token "${token}"`, async () => {
      for (const path of ["/api/sources", "/api/thumbnails", "/api/uploads/room", "/metrics", "/ws"]) {
        const answer = await request(`${path}?token=${token}`, path === "/ws" ? SOCKET : {});
        assert.equal(answer.status, 403, path);
      }
    });
  }
  await t.step("a socket without an origin", async () => {
    const { origin: _, ...headers } = SOCKET;
    assert.equal((await request(`/ws?token=${TOKEN}`, headers)).status, 403);
  });
});

Deno.test("createApp takes the token as a bearer too, and a link from elsewhere", async () => {
  const { request } = await appWith();
  assert.equal((await request("/api/sources", { authorization: `Bearer ${TOKEN}` })).status, 200);
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assert.equal((await request(`/?token=${TOKEN}`, link)).status, 200);
});

Deno.test("createApp serves no path out of the page's folder", async () => {
  const { request } = await appWith();
  const paths = [
    "/static/../deno.json",
    "/static/..%2fdeno.json",
    "/static/%2e%2e/deno.json",
    "/static/%2e%2e%2fdeno.json",
    "/static/..%5cdeno.json",
    "/static/..\\deno.json",
    "/static/....//deno.json",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/main.js%00.html",
    "/deno.json",
    "/src/server/app.ts",
  ];
  for (const path of paths) {
    const answer = await request(`${path}?token=${TOKEN}`);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(await answer.text(), /"imports"|root:/);
  }
});

Deno.test("createApp lists sources by id, and tells health and counts", async () => {
  const { request, viewers } = await appWith();
  const list = await request(`/api/sources?token=${TOKEN}`);
  assert.deepEqual(await list.json(), { mode: "files", sources: [{ id: "clip", name: "clip.mp4" }] });
  assert.deepEqual(await (await request("/health")).json(), {
    status: "ok",
    viewers: 0,
    hasRoom: true,
  });
  assert.match(await (await request(`/metrics?token=${TOKEN}`)).text(), /^mtdn_preview_viewers 0$/m);
  await viewers[Symbol.asyncDispose]();
  assert.equal((await request("/health")).status, 503);
});

Deno.test("createApp answers a request for the socket that cannot become one with 426", async () => {
  const { request, viewers } = await appWith();
  assert.equal((await request(`/ws?token=${TOKEN}`, { origin: `http://${HOST}` })).status, 426);
  assert.equal((await request(`/ws?token=${TOKEN}`, SOCKET)).status, 426);
  assert.equal(viewers.context.metrics.viewers, 0);
});

Deno.test("createApp grants a socket while there is room, and answers 503 when there is none", async () => {
  for (const [viewers, status, retry] of [[1, 204, null], [0, 503, "10"]] as const) {
    const { request } = await appWith({ viewers });
    const answer = await request(`/ws?token=${TOKEN}`, SOCKET, { isUpgrade: true });
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [status, retry]);
  }
});
