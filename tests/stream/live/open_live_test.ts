import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { MediaError } from "../../../src/errors.ts";
import { openLive } from "../../../src/stream/live/open_live.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { createVideo } from "../../../src/stream/encode/create_video.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { liveServer, streamServer, transportStream } from "../../helpers/live_server.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("openLive: a reader that is slow gets the newest frame; the others are dropped and counted", async () => {
  const bytes = await transportStream(200);
  const step = 188 * 60;
  await using server = await liveServer(async (socket) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += step) {
      socket.write(bytes.subarray(at, at + step));
      await delay(10);
    }
    socket.end();
  });
  await using source = await openLive(server.address);
  assert.deepEqual([source.info.kind, source.info.width, source.info.height], ["live", 48, 32]);
  assert.equal(source.info.frames, undefined);
  const times: bigint[] = [];
  for await (const frame of source.frames) {
    times.push(frame.pts);
    if (times.length < 4) await delay(40);
  }
  assert.equal(times[0], 0n);
  assert.ok(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0n)));
  assert.ok(source.dropped > 0, "nothing was dropped");
  assert.ok(
    times.length + source.dropped <= 200 && times.length + source.dropped > 150,
    `${times.length} ${source.dropped}`,
  );
});

Deno.test("openLive: ends after the wanted duration", async () => {
  const bytes = await transportStream(200);
  await using server = await liveServer(async (socket) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += 188 * 20) {
      socket.write(bytes.subarray(at, at + 188 * 20));
      await delay(1);
    }
  });
  await using source = await openLive(server.address, { duration: 1 });
  const times = (await Array.fromAsync(source.frames)).map(({ pts }) => pts);
  assert.ok(times.length > 0 && times.every((time) => time < 90000n));
  assert.equal(source.fellSilent, false);
});

Deno.test("openLive: a stream that falls silent ends after the wanted duration and the patience", async () => {
  await using server = await streamServer(100, "falls silent");
  // Without an end of its own it would wait for the silent server.
  const signal = AbortSignal.timeout(120_000);
  await using source = await openLive(server.address, { duration: 4.1, timeoutSeconds: 3, signal });
  const startedAt = performance.now();
  assert.ok((await Array.fromAsync(source.frames)).length > 0);
  assert.ok(performance.now() - startedAt >= 7000);
  assert.equal(source.fellSilent, true);
});

Deno.test("openLive: a duration of months is no reason to end at once", async () => {
  const bytes = await transportStream(100);
  await using server = await liveServer(async (socket) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += 188 * 60) {
      socket.write(bytes.subarray(at, at + 188 * 60));
      await delay(10);
    }
    socket.end();
  });
  const seconds = 100 * 86_400;
  await using source = await openLive(server.address, { duration: seconds, timeoutSeconds: seconds });
  const times = (await Array.fromAsync(source.frames)).map(({ pts }) => pts);
  assert.equal(source.fellSilent, false);
  assert.ok((times.at(-1) ?? 0n) > 90_000n, `it ended at ${times.at(-1)}`);
});

Deno.test("createVideo: records a live source", async () => {
  await using folder = await temporaryFolder();
  await using server = await streamServer(100, "hangs up");
  await using source = await openLive(server.address, { duration: 3 });
  await using sink = await createVideo(folder.file("recorded.mp4"), { template: source.info });
  await source.frames.pipeTo(sink.frames);
  const frames = await collectFrames(folder.file("recorded.mp4"));
  assert.ok(frames.length > 0);
  assert.deepEqual([frames[0]?.width, frames[0]?.height, frames[0]?.pts], [48, 32, 0n]);
});

Deno.test("openLive: a silent stream is given up after the timeout, or at once when aborted", async () => {
  await using server = await liveServer(() => Promise.resolve());
  await assert.rejects(openLive(server.address, { timeoutSeconds: 0.2 }), /Nothing came within 0\.2 s/);
  const ending = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => ending.abort(reason), 50);
  await assert.rejects(openLive(server.address, { signal: ending.signal }), reason);
});

Deno.test("openLive: disposing and aborting end a stream that has gone silent", async () => {
  await using server = await streamServer(100, "falls silent");
  const source = await openLive(server.address);
  const reader = source.frames.getReader();
  assert.equal((await reader.read()).done, false);
  await source[Symbol.asyncDispose]();
  const ending = new AbortController();
  await using other = await openLive(server.address, { signal: ending.signal });
  const reason = new Error("enough");
  const reading = assert.rejects(Array.fromAsync(other.frames), reason);
  setTimeout(() => ending.abort(reason), 50);
  await reading;
});

Deno.test("openLive: only the named kinds of address; passwords stay out of errors; files never reach a network", async () => {
  for (
    const address of [
      "http://127.0.0.1/a.m3u8",
      "file:///etc/passwd",
      "/etc/passwd",
      "concat:a|b",
      "/dev/zero",
    ]
  ) {
    await assert.rejects(openLive(address), /Use \/dev\/videoN, rtsp:\/\/, udp:\/\/ or tcp:\/\//);
  }
  await assert.rejects(openLive("rtsp://me:secret@127.0.0.1:1/x", { timeoutSeconds: 2 }), (error) => {
    assert.ok(error instanceof MediaError);
    assert.ok(
      !error.message.includes("secret") && error.message.startsWith("rtsp://127.0.0.1:1/x: "),
      error.message,
    );
    return true;
  });
  let asked = 0;
  await using server = await liveServer(() => Promise.resolve(void asked++));
  await assert.rejects(openMedia(server.address), /No such file or folder/);
  assert.equal(asked, 0);
});

Deno.test("openLive: end() ends the frames in order, whether one is waited for or not", async () => {
  await using server = await streamServer(100, "falls silent");
  for (const isWaiting of [false, true]) {
    // Without end() it would wait for the silent server.
    await using source = await openLive(server.address, { signal: AbortSignal.timeout(120_000) });
    const reader = source.frames.getReader();
    assert.equal((await reader.read()).value?.width, 48);
    let next = isWaiting ? reader.read() : undefined;
    if (!isWaiting) await delay(200); // a newer frame has come, and is not taken
    while (isWaiting && await Promise.race([next, delay(200, "none")]) !== "none") next = reader.read();
    source.end();
    assert.equal((await (next ?? reader.read())).done, true);
  }
});

Deno.test("openLive: an abort while it opens, at whatever moment, is not lost", async () => {
  await using server = await streamServer(100, "falls silent");
  const reason = new Error("enough");
  for (const milliseconds of [0, 1, 3, 10, 30, 100]) {
    const ending = new AbortController();
    const opening = openLive(server.address, { signal: ending.signal });
    const frames = opening.then(async (source) => {
      await using _source = source;
      return await Array.fromAsync(source.frames);
    });
    const ended = assert.rejects(frames, reason, `after ${milliseconds} ms`);
    if (milliseconds > 0) await delay(milliseconds);
    ending.abort(reason);
    await ended;
  }
});
