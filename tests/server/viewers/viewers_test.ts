import assert from "node:assert/strict";
import { servePreview } from "../../../src/server/http/serve_preview.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { FakeEngine } from "../../helpers/preview/fake_media.ts";
import { CLIP, fakeServer } from "../../helpers/preview/fake_server.ts";
import { SocketClient } from "../../helpers/preview/socket_client.ts";

function malformed(count: number): string[] {
  const seeds = [
    "{",
    "null",
    `{"type":"exec"}`,
    `{"type":"seek","seconds":"x"}`,
    "\u0000",
    `[${"[".repeat(500)}`,
  ];
  return Array.from({ length: count }, (_, i) => `${seeds[i % seeds.length]}${i % 3 === 0 ? i : ""}`);
}

Deno.test("600 malformed messages send their senders away and nobody else", async () => {
  const context = fakeServer();
  await using preview = await servePreview(new Viewers(context));
  using bystander = await SocketClient.open(preview.url);
  bystander.send({ type: "open", source: "clip" });
  await bystander.message("source");
  const messages = malformed(600);
  let sent = 0;
  while (messages.length > 0) {
    using client = await SocketClient.open(preview.url);
    for (const text of messages.splice(0, 25)) {
      client.socket.send(text);
      sent++;
    }
    assertSentAway(await client.closed, 4400);
  }
  assert.equal(context.metrics.closures, 24);
  assert.equal(sent, 600);
  assert.ok(context.metrics.refusals >= 480, `${context.metrics.refusals} refused`);
  bystander.send({ type: "credit", frames: 1 });
  assert.equal((await bystander.frame()).index, 0);
});

Deno.test("a viewer is sent away for a message too long, for bytes, for too many and for saying nothing", async () => {
  const context = fakeServer();
  await using preview = await servePreview(new Viewers(context, { idleMs: 300, messagesPerSecond: 20 }));
  const sentAwayAfter = async (code: number, act: (client: SocketClient) => void) => {
    using client = await SocketClient.open(preview.url);
    act(client);
    assertSentAway(await client.closed, code);
  };
  await sentAwayAfter(4413, ({ socket }) => socket.send(" ".repeat(5000)));
  await sentAwayAfter(4415, ({ socket }) => socket.send(new Uint8Array(10)));
  await sentAwayAfter(4429, (client) => Array.from({ length: 60 }, () => client.send({ type: "ping" })));
  await sentAwayAfter(4408, () => undefined);
  assert.equal(context.metrics.closures, 4);
});

Deno.test("50 viewers at once each get their frames from one engine, and the 51st is told that there is no room", async () => {
  const engines: FakeEngine[] = [];
  const context = fakeServer({ clip: CLIP }, () => {
    engines.push(new FakeEngine());
    return Promise.resolve(engines.at(-1) ?? new FakeEngine());
  });
  const viewers = new Viewers(context, { viewers: 50 });
  await using preview = await servePreview(viewers);
  const clients = await Promise.all(Array.from({ length: 50 }, () => SocketClient.open(preview.url)));
  await assert.rejects(SocketClient.open(preview.url));
  await Promise.all(clients.map(async (client, i) => {
    client.send({ type: "open", source: "clip", seconds: i / 10 });
    client.send({ type: "credit", frames: 4 });
    await client.frame();
    client.send({ type: "play" });
    for (let n = 0; n < 2; n++) {
      client.send({ type: "credit", frames: 1 });
      await client.frame();
    }
  }));
  assert.equal(engines.length, 1);
  assert.equal(context.metrics.viewers, 50);
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("viewers who vanish while their frame is restored leave nothing behind", async () => {
  const context = fakeServer({ clip: CLIP }, () => Promise.resolve(new FakeEngine(40)));
  const viewers = new Viewers(context);
  await using preview = await servePreview(viewers);
  const { port, search } = new URL(preview.url);
  for (let i = 0; i < 10; i++) {
    // By hand, so that the connection can be dropped without the closing handshake.
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const lines = [
      `GET /ws${search} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Origin: http://127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
    await connection.read(new Uint8Array(1024));
    await connection.write(maskedText(`{"type":"open","source":"clip"}`));
    await connection.write(maskedText(`{"type":"credit","frames":4}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.close();
  }
  const late = Date.now() + 5000;
  while (context.metrics.viewers > 0 && Date.now() < late) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(context.metrics.viewers, 0);
  assert.equal(context.metrics.connections, 10);
});

Deno.test("a viewer who asks for everything and never reads makes nothing grow", async () => {
  const context = fakeServer({ clip: { ...CLIP, width: 320, height: 240 } });
  await using preview = await servePreview(new Viewers(context));
  const { port, search } = new URL(preview.url);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const host = `127.0.0.1:${port}`;
  await connection.write(new TextEncoder().encode(
    `GET /ws${search} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  const before = Deno.memoryUsage().rss;
  await connection.write(maskedText(`{"type":"open","source":"clip"}`));
  await connection.write(maskedText(`{"type":"play"}`));
  const until = Date.now() + 4000;
  while (Date.now() < until) {
    await connection.write(maskedText(`{"type":"credit","frames":4}`));
    await connection.write(maskedText(`{"type":"save"}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 64, `${grown} MiB more after 4 s`);
});

/** By that code, or by a reset that overtook it because the viewer was still sending. */
function assertSentAway({ code }: CloseEvent, wanted: number): void {
  assert.ok([wanted, 0, 1006].includes(code), `closed with ${code}, not ${wanted}`);
}

/** A text frame as a client sends it (RFC 6455), with a mask of zeros. */
function maskedText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes);
}
