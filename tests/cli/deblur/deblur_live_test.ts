import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { MediaInfo } from "../../../src/frame.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { liveServer, streamServer, transportStream } from "../../helpers/live_server.ts";
import { runCli, type RunCliOptions } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A folder with weights, and the command ready to record to `output`, which is in it. */
async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  const output = folder.file("out.mp4");
  return {
    output,
    record: (address: string, args: readonly string[], options: RunCliOptions = {}) =>
      runCli(["deblur", "--device", "cpu", "--weights", weights, address, "-o", output, ...args], {
        // What does not end by itself is stopped, and then has the wrong exit code.
        signal: AbortSignal.timeout(120_000),
        ...options,
      }),
    names: async () => (await readdir(folder.path)).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function describe(path: string): Promise<MediaInfo> {
  await using source = await openMedia(path);
  return source.info;
}

Deno.test("deblur: records a stream for --duration; --json counts what was dropped", async () => {
  await using place = await workplace();
  const bytes = await transportStream(200);
  await using server = await liveServer(async (socket) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += 188 * 20) {
      socket.write(bytes.subarray(at, at + 188 * 20));
      await delay(2);
    }
  });
  const { code, stdout, stderr } = await place.record(server.address, ["--duration", "1", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { input, output, frames, dropped, width, height, preset } = JSON.parse(stdout);
  assert.deepEqual({ input, output, width, height, preset }, {
    input: server.address,
    output: place.output,
    width: 48,
    height: 32,
    preset: "smoke",
  });
  assert.ok(Number.isSafeInteger(dropped) && frames + dropped <= 200, `${frames} and ${dropped}`);
  const recorded = await collectFrames(place.output);
  assert.equal(recorded.length, frames);
  assert.equal(recorded[0]?.pts, 0n);
  const { timeBase } = await describe(place.output);
  for (const { pts } of recorded) assert.ok(Number(pts) * timeBase.num / timeBase.den < 1);
  assert.deepEqual(await place.names(), ["out.mp4", "smoke.safetensors"]);
});

Deno.test("deblur: a stream that ends is recorded whole, and an address is shown without its password", async () => {
  await using place = await workplace();
  await using server = await streamServer(100, "hangs up");
  const address = `${server.address.replace("//", "//alice:s3cr@t@")}?timeout=5000000`;
  const { code, stdout, stderr } = await place.record(server.address, [], { isTerminal: true });
  assert.deepEqual([code, stdout], [0, ""]);
  const [, frames, missed] =
    /out\.mp4: (\d+) frames? of 48x32, [\d.]+ frames\/s(?:; (\d+) more arrived too fast and were dropped)?\n$/
      .exec(stderr) ?? [];
  assert.equal((await collectFrames(place.output)).length, Number(frames));
  assert.ok(Number(frames) > 0 && Number(frames) + Number(missed ?? 0) <= 100, stderr);
  for (const flags of [["--json"], ["--dry-run"], ["--dry-run", "--json"], []]) {
    const run = await place.record(address, ["--overwrite", ...flags], { isTerminal: true });
    assert.equal(run.code, 0, run.stderr);
    assert.doesNotMatch(run.stdout + run.stderr, /alice|s3cr|@|timeout/);
  }
});

Deno.test("deblur: the first stop request completes a recording", async () => {
  await using place = await workplace();
  await using server = await streamServer(100, "falls silent");
  const { code, stdout, stderr } = await place.record(server.address, ["--json"], {
    catchStop: (handle) => setTimeout(handle, 200),
  });
  assert.equal(code, 0);
  assert.deepEqual(stderr.split("\n"), [
    `Recording to ${place.output}; press Ctrl-C to complete it`,
    `Completing ${place.output}; press Ctrl-C again to discard it`,
    "",
  ]);
  const { frames, dropped } = JSON.parse(stdout);
  assert.ok(frames > 0 && dropped >= 0);
  assert.equal((await collectFrames(place.output)).length, frames);
  assert.deepEqual(await place.names(), ["out.mp4", "smoke.safetensors"]);
});

Deno.test("deblur: the second stop request, or one before the first frame, leaves nothing", async () => {
  await using place = await workplace();
  await using server = await streamServer(100, "falls silent");
  const second = new AbortController();
  const twice = await place.record(server.address, ["--json"], {
    signal: AbortSignal.any([second.signal, AbortSignal.timeout(120_000)]),
    catchStop: (handle) => {
      handle();
      second.abort(new DOMException("Stopped by the user", "AbortError"));
    },
  });
  assert.deepEqual([twice.code, twice.stdout], [130, ""]);
  assert.match(twice.stderr, /to discard it\n(?:.*\n)?Stopped\n$/);
  assert.deepEqual(await place.names(), ["smoke.safetensors"]);
  await using silent = await liveServer(() => Promise.resolve());
  const early = new AbortController();
  const waiting = place.record(silent.address, [], {
    signal: early.signal,
    catchStop: () => assert.fail("there is nothing to keep yet"),
  });
  await delay(1000);
  early.abort(new DOMException("Stopped by the user", "AbortError"));
  assert.deepEqual(await waiting, { code: 130, stdout: "", stderr: "Stopped\n" });
  assert.deepEqual(await place.names(), ["smoke.safetensors"]);
});

Deno.test("deblur: a live source that cannot be opened is one line without its password, and nothing is written", async () => {
  await using place = await workplace();
  const refused = [
    [
      "http://me:secret@127.0.0.1/x",
      /^http:\/\/127\.0\.0\.1\/x: No live source has this kind of address\. Use \/dev\/videoN, rtsp:\/\/, udp:\/\/ or tcp:\/\/\n$/,
    ],
    [
      "tcp://me:secret@127.0.0.1:1",
      /^tcp:\/\/127\.0\.0\.1:1: Cannot read this as a video: [^\n]+\. Use a live video\n$/,
    ],
  ] as const;
  for (const [address, line] of refused) {
    const { code, stdout, stderr } = await place.record(address, []);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, line);
    assert.deepEqual(await place.names(), ["smoke.safetensors"]);
  }
});
