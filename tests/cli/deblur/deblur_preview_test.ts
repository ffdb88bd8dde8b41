import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, truncate } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { liveServer, transportStream } from "../../helpers/live_server.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { type CliRun, runCli, type RunCliOptions } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { SocketClient } from "../../helpers/preview/socket_client.ts";

/** A folder with weights, and the command ready to restore with a preview; `url` is what it prints. */
async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  const args = ["deblur", "--device", "cpu", "--weights", weights, "--preview"];
  return {
    ...folder,
    names: async () => (await readdir(folder.path)).sort(),
    start: (inputs: readonly string[], options: RunCliOptions = {}) => {
      const { promise: printed, resolve } = Promise.withResolvers<string>();
      const running = runCli([...args, ...inputs], {
        signal: AbortSignal.timeout(120_000),
        onStderr: (text) => resolve(text.trimEnd()),
        ...options,
      });
      const ended = (run: CliRun) => assert.fail(`It ended before it printed an address: ${run.stderr}`);
      return { running, url: Promise.race([printed, running.then(ended)]) };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The status and the length of what is at an address. */
async function get(url: string): Promise<readonly [status: number, text: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

Deno.test("deblur --preview: whoever has the address sees the job, while it runs", async () => {
  await using place = await workplace();
  const bytes = await transportStream(200);
  // The rest of the stream comes when the viewer is there, however long that takes.
  const watched = Promise.withResolvers<void>();
  const half = 188 * Math.floor(bytes.length / 188 / 2);
  await using server = await liveServer(async (socket) => {
    socket.write(bytes.subarray(0, half));
    await Promise.race([watched.promise, once(socket, "close")]);
    for (let at = half; at < bytes.length && !socket.destroyed; at += 188 * 10) {
      socket.write(bytes.subarray(at, at + 188 * 10));
      await delay(10);
    }
  });
  // A stream that falls silent goes on until it is stopped: the job runs as long as the test wants.
  const begun = Promise.withResolvers<() => void>();
  const job = place.start([server.address, "-o", place.file("out.mp4"), "--json"], {
    catchStop: begun.resolve,
  });
  const url = await job.url;
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{20,}$/);
  const [status, page] = await get(url);
  assert.equal(status, 200);
  assert.match(page, /^<!doctype html>/i);
  for (const wrong of [url.replace(/\?.*/, "?"), `${url}x`, url.replace(/=.*/, "=")]) {
    const [status, text] = await get(wrong.replace("/?", "/api/sources?"));
    assert.deepEqual([status, /out\.mp4|127\.0\.0\.1/.test(text)], [403, false], wrong);
    await assert.rejects(SocketClient.open(wrong), wrong);
  }
  using viewer = await SocketClient.open(url);
  assert.equal((await viewer.message("hello")).mode, "job");
  viewer.send({ type: "credit", frames: 1 });
  viewer.send({ type: "open", source: "job-1" });
  await viewer.message("source");
  watched.resolve();
  const { width, height } = await viewer.frame();
  assert.deepEqual([width, height], [48, 32]);
  (await begun.promise)();
  const { code, stdout } = await job.running;
  assert.equal(code, 0);
  assert.ok(JSON.parse(stdout).frames > 0);
  await viewer.closed;
  await assert.rejects(fetch(url), TypeError);
});

Deno.test("deblur --preview: the command ends with its job, looked at or not", async () => {
  await using place = await workplace();
  await makeClip(place.file("clip.mp4"), { pts: [0, 1, 2] });
  const job = place.start([place.file("clip.mp4")]);
  const { code, stdout, stderr } = await job.running;
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /^http:[^\n]*\n[^\n]*clip\.deblurred\.mp4: 3 frames of 48x32[^\n]*\n$/);
  await assert.rejects(fetch(await job.url), TypeError);
});

Deno.test("deblur --preview: a job that fails or is stopped has its exit code, and serves no longer", async () => {
  await using place = await workplace();
  const clip = place.file("cut.mkv");
  await makeClip(clip, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 5 });
  const stop = new AbortController();
  const stopped = place.start([clip], { signal: stop.signal });
  const url = await stopped.url;
  stop.abort(new DOMException("Stopped by the user", "AbortError"));
  assert.equal((await stopped.running).code, 130);
  await assert.rejects(fetch(url), TypeError);
  await truncate(clip, Math.floor((await readFile(clip)).length * 0.6));
  const failed = place.start([clip]);
  const { code, stderr } = await failed.running;
  assert.equal(code, 1);
  assert.match(stderr, /cut\.mkv: The file is truncated/);
  await assert.rejects(fetch(await failed.url), TypeError);
  assert.deepEqual(await place.names(), ["cut.mkv", "smoke.safetensors"]);
});
