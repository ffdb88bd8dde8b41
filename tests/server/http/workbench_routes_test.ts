import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { servePreview } from "../../../src/server/http/serve_preview.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";
import { JOB_SETTINGS, jobPlace, openWorkbench, untilState } from "../../helpers/preview/open_workbench.ts";
import type { WorkbenchOptions } from "../../../src/server/jobs/workbench.ts";

/** A real server with a workbench, and what sends files to it. */
async function served(options: Partial<WorkbenchOptions> = {}) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await jobPlace());
  const bench = opened.use(await openWorkbench(place, options));
  const preview = opened.use(
    await servePreview(new Viewers({ ...fakeServer(), workbench: bench.workbench })),
  );
  const { origin, host, searchParams } = new URL(preview.url);
  const token = searchParams.get("token") ?? "";
  const send = async (name: string, body: BodyInit | null, headers: Record<string, string> = {}) => {
    const address = `${origin}/api/uploads?name=${encodeURIComponent(name)}`;
    const answer = await fetch(address, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const uploads = join(bench.folder.path, "uploads");
  /** A folder may go while it is looked into, which reading recursively fails at. */
  const inside = async (folder: string) => {
    const names = await readdir(join(uploads, folder)).catch(() => []);
    return [folder, ...names.map((name) => join(folder, name))];
  };
  const stored = async () => (await Promise.all((await readdir(uploads)).map(inside))).flat().sort();
  const owned = opened.move();
  return {
    place,
    bench,
    origin,
    host,
    token,
    send,
    stored,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("POST /api/uploads takes a clip, whatever path its name pretends to", async () => {
  await using server = await served();
  const clip = await Deno.readFile(server.place.clip);
  const names = [
    "clip.mp4",
    "../../../evil.mp4",
    "..\\..\\evil.mp4",
    "/etc/cron.d/evil.mp4",
    ".mp4",
    "\u202e4pm.mp4",
  ];
  for (const name of names) {
    const { status, text } = await server.send(name, clip);
    assert.equal(status, 201, text);
    const record = JSON.parse(text);
    const path = server.bench.workbench.uploads.path(record.id) ?? "";
    assert.ok(path.startsWith(join(server.bench.folder.path, "uploads", record.id)), path);
    assert.deepEqual(await Deno.readFile(path), clip);
  }
  assert.deepEqual((await readdir(server.place.path)).sort(), ["clips", "jobs", "smoke.safetensors"]);
});

Deno.test("POST /api/uploads refuses what it cannot restore, and leaves nothing of it", async () => {
  await using server = await served({ uploadLimit: 100_000 });
  const cases: readonly (readonly [BodyInit | null, number, RegExp])[] = [
    ["", 400, /^The file is empty/],
    [new Uint8Array(100_001), 413, /larger than this server takes: 97\.7 KiB of at most 97\.7 KiB/],
    ["not a video at all\n".repeat(20), 422, /^This file cannot be restored: x\.mp4: /],
  ];
  for (const [body, status, message] of cases) {
    const answer = await server.send("x.mp4", body);
    assert.equal(answer.status, status);
    assert.match(answer.text, message);
    assert.ok(!answer.text.includes(server.place.path));
  }
  assert.deepEqual(await server.stored(), []);
});

Deno.test("POST /api/uploads: of a file that is cut off nothing is left", async () => {
  await using server = await served();
  const { hostname, port } = new URL(server.origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    "POST /api/uploads?name=clip.mp4 HTTP/1.1",
    `Host: ${server.host}`,
    `Authorization: Bearer ${server.token}`,
    "Content-Length: 100000",
  ];
  await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${"x".repeat(5000)}`));
  while ((await server.stored()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  connection.close();
  const { uploads } = server.bench.workbench;
  const isLeft = async () => (await server.stored()).length > 0 || uploads.list().length > 0;
  while (await isLeft()) await new Promise((resolve) => setTimeout(resolve, 5));
});

Deno.test("POST /api/uploads: a form of another site, and a request without the token, are refused", async () => {
  await using server = await served();
  const clip = await Deno.readFile(server.place.clip);
  const form = new FormData();
  form.append("file", new Blob([clip]), "clip.mp4");
  const forged: readonly (readonly [BodyInit, Record<string, string>])[] = [
    [form, { origin: "http://evil.example", authorization: "" }],
    [form, { origin: server.origin, authorization: "" }],
    [clip, { origin: "http://evil.example" }],
    [clip, { origin: "null" }],
    [clip, { authorization: "Bearer wrong" }],
  ];
  for (const [body, headers] of forged) {
    const { status } = await server.send("clip.mp4", body, headers);
    assert.equal(status, 403);
  }
  for (const path of ["/api/uploads/room?bytes=1", "/api/thumbnails?source=x"]) {
    const answer = await fetch(`${server.origin}${path}`);
    assert.deepEqual([path, answer.status], [path, 403]);
    await answer.body?.cancel();
  }
  assert.deepEqual(await server.stored(), []);
});

Deno.test("POST /api/uploads: fifty files at once all come through", async () => {
  await using server = await served();
  const clip = await Deno.readFile(server.place.clip);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => server.send(`clip-${i}.mp4`, clip)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal(server.bench.workbench.uploads.list().length, 50);
});

Deno.test("GET /api/uploads/room says before anything is sent whether a file would be taken", async () => {
  await using server = await served({ uploadLimit: 1000 });
  const ask = async (bytes: string) => {
    const headers = { authorization: `Bearer ${server.token}` };
    const answer = await fetch(`${server.origin}/api/uploads/room?bytes=${bytes}`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  assert.deepEqual(await Promise.all(["1000", "1001", "0", "x"].map(ask)), [204, 413, 400, 400]);
});

Deno.test("GET /download gives a result once, under its name, and nothing without a ticket", async () => {
  await using server = await served();
  const { workbench, source } = server.bench;
  workbench.queue.start();
  const job = await workbench.queue.add(source, "Clip ä.mp4", JOB_SETTINGS);
  await untilState(workbench, job, "done", "failed");
  const result = workbench.queue.result(job);
  assert.ok(result);
  const address = `${server.origin}/download/${workbench.tickets.issue(result)}`;
  const answer = await fetch(address);
  assert.equal(
    answer.headers.get("content-disposition"),
    "attachment; filename*=UTF-8''Clip%20%C3%A4.deblurred.mp4",
  );
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), await Deno.readFile(result.path));
  for (
    const again of [
      address,
      `${server.origin}/download/guess`,
      `${server.origin}/download/..%2f..%2fjobs.json`,
    ]
  ) {
    const refused = await fetch(again);
    assert.deepEqual([refused.status, /download|Not Found/.test(await refused.text())], [404, true]);
  }
});

Deno.test("a server without a folder for jobs says so", async () => {
  await using preview = await servePreview(new Viewers(fakeServer()));
  const { origin, search } = new URL(preview.url);
  for (const [path, method] of [["/api/uploads", "POST"], ["/api/uploads/room", "GET"]]) {
    const answer = await fetch(`${origin}${path}${search}`, { method: method ?? "" });
    assert.deepEqual([answer.status, await answer.text()], [
      501,
      "This server takes no files: it was started without a folder for jobs",
    ]);
  }
});
