import assert from "node:assert/strict";
import { servePreview } from "../../../src/server/http/serve_preview.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { FakeEngine } from "../../helpers/preview/fake_media.ts";
import { CLIP, fakeServer } from "../../helpers/preview/fake_server.ts";
import { maskedText, openRawSocket } from "../../helpers/preview/raw_socket.ts";
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

Deno.test("600 malformed messages disconnect their senders and nobody else", async () => {
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
    assertDisconnected(await client.closed, 4400);
  }
  assert.equal(context.metrics.closures, 24);
  assert.equal(sent, 600);
  assert.ok(context.metrics.refusals >= 480, `${context.metrics.refusals} refused`);
  bystander.send({ type: "credit", frames: 1 });
  assert.equal((await bystander.frame()).index, 0);
});

Deno.test("a viewer is disconnected for a message that is too long, for bytes, for too many messages and for none", async () => {
  const context = fakeServer();
  await using preview = await servePreview(new Viewers(context, { messagesPerSecond: 20 }));
  await using impatient = await servePreview(new Viewers(context, { idleMs: 300 }));
  const disconnectedAfter = async (
    code: number,
    act: (client: SocketClient) => void,
    { url } = preview,
  ) => {
    using client = await SocketClient.open(url);
    act(client);
    assertDisconnected(await client.closed, code);
  };
  await disconnectedAfter(1009, ({ socket }) => socket.send(" ".repeat(5000)));
  await disconnectedAfter(4415, ({ socket }) => socket.send(new Uint8Array(10)));
  await disconnectedAfter(4429, (client) => Array.from({ length: 400 }, () => client.send({ type: "ping" })));
  await disconnectedAfter(4408, () => undefined, impatient);
  assert.equal(context.metrics.closures, 4);
});

Deno.test("50 viewers at once each get their frames from one engine, and the 51st is refused", async () => {
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

Deno.test("a viewer may write Upgrade in any case", async () => {
  await using preview = await servePreview(new Viewers(fakeServer()));
  for (const upgrade of ["WebSocket", "WEBSOCKET"]) {
    using connection = await openRawSocket(preview.url, upgrade);
    const answer = new Uint8Array(1024);
    const length = await connection.read(answer) ?? 0;
    assert.match(new TextDecoder().decode(answer.subarray(0, length)), /^HTTP\/1\.1 101 /, upgrade);
  }
});

Deno.test("viewers who vanish while their frame is restored leave nothing behind", async () => {
  const context = fakeServer({ clip: CLIP }, () => Promise.resolve(new FakeEngine(40)));
  await using preview = await servePreview(new Viewers(context));
  for (let i = 0; i < 10; i++) {
    const connection = await openRawSocket(preview.url);
    await connection.read(new Uint8Array(1024));
    await connection.write(maskedText(`{"type":"open","source":"clip"}`));
    await connection.write(maskedText(`{"type":"credit","frames":4}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.close();
  }
  const late = Date.now() + 120_000;
  while (context.metrics.viewers > 0 && Date.now() < late) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(context.metrics.viewers, 0);
  assert.equal(context.metrics.connections, 10);
});

Deno.test("a viewer who requests everything and never reads does not make memory grow", async () => {
  const context = fakeServer({ clip: { ...CLIP, width: 320, height: 240 } });
  await using preview = await servePreview(new Viewers(context));
  using connection = await openRawSocket(preview.url);
  await connection.write(maskedText(`{"type":"open","source":"clip"}`));
  await connection.write(maskedText(`{"type":"play"}`));
  let before: number | undefined;
  let [warm, until] = [Infinity, Infinity];
  while (Date.now() < until) {
    // All is loaded and compiled a second after the first frame.
    const hasSent = !/^mtdn_preview_frames_sent_total 0$/m.test(context.metrics.toString());
    if (hasSent && warm === Infinity) [warm, until] = [Date.now() + 1000, Date.now() + 5000];
    if (Date.now() >= warm) before ??= Deno.memoryUsage().rss;
    await connection.write(maskedText(`{"type":"credit","frames":4}`));
    await connection.write(maskedText(`{"type":"save"}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(before !== undefined);
  const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 64, `${grown} MiB more after 4 s`);
});

Deno.test("a message that is announced as too long is refused before the rest of it arrives", async () => {
  const context = fakeServer();
  await using preview = await servePreview(new Viewers(context));
  using connection = await openRawSocket(preview.url);
  await connection.read(new Uint8Array(1024));
  // The head of a masked text message of 20 MiB, and its first bytes; the rest is never sent.
  await connection.write(Uint8Array.of(0x81, 0xff, 0, 0, 0, 0, 0x01, 0x40, 0, 0, 0, 0, 0, 0, 1, 2, 3));
  let last = 0;
  const answer = new Uint8Array(4096);
  for (let length: number | null; (length = await connection.read(answer).catch(() => null)) !== null;) {
    last = length;
  }
  assert.ok(last >= 4);
  assert.equal(context.metrics.viewers, 0);
  assert.equal(context.metrics.closures, 1);
});

/** With that code, or with a reset that overtook it because the viewer was still sending. */
function assertDisconnected({ code }: CloseEvent, expected: number): void {
  assert.ok([expected, 0, 1006].includes(code), `closed with ${code}, not ${expected}`);
}
