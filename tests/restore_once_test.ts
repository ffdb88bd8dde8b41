import assert from "node:assert/strict";
import { deblurStream, type DeblurStreamOptions } from "../src/deblur_stream.ts";
import type { Frame, Picture } from "../src/frame.ts";
import { judgeFrames } from "../src/judge_frames.ts";
import { restoreFrame } from "../src/restore_frame.ts";
import { openMedia } from "../src/stream/open_media.ts";
import { mapFrames } from "../src/stream/map_frames.ts";
import { makeVariedClip } from "./helpers/segment_test.ts";
import { memorySource } from "./helpers/memory_media.ts";
import { renderScene } from "./helpers/smooth_scene.ts";
import { tellingEngine } from "./helpers/telling_engine.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

const SIZE = { width: 64, height: 48 };

/** One letter one scene; a small letter is the scene with one sample changed. */
function clip(names: string): ReadableStream<Frame> {
  return memorySource((i) => {
    const name = names[i];
    if (name === undefined) return undefined;
    const place = name.toUpperCase().charCodeAt(0) - 65;
    const { data } = renderScene({ ...SIZE, dx: 20 * place, dy: 9 * place });
    const copy = new Uint8Array(data);
    if (name !== name.toUpperCase()) copy[100] = (copy[100] ?? 0) ^ 1;
    const alpha = new Uint8Array(SIZE.width * SIZE.height).fill(i);
    return { ...SIZE, data: copy, pts: BigInt(i), duration: 1n, alpha };
  }).frames;
}

/** What is written, and what the engine was given. */
async function restored(frames: ReadableStream<Frame>, options: DeblurStreamOptions = {}) {
  const given: Picture[] = [];
  const engine = tellingEngine((picture) => void given.push(picture));
  const written: Frame[] = [];
  for await (const frame of frames.pipeThrough(deblurStream(engine, { fuse: false, ...options }))) {
    written.push({ ...frame, data: frame.data.slice() });
    frame.data.buffer.transfer(0); // whoever is given a frame may free it
  }
  return { written, calls: given.length };
}

/** What would be written if each frame were restored by a call of its own. */
async function oneByOne(frames: ReadableStream<Frame>, options: DeblurStreamOptions = {}) {
  const engine = tellingEngine();
  const { everywhere = false } = options;
  const judged = frames.pipeThrough(judgeFrames({ neighbours: true, everywhere }));
  return await Array.fromAsync(
    judged.pipeThrough(mapFrames(async (each) => (await restoreFrame(each, engine, options, {})).restored)),
  );
}

Deno.test("deblurStream: of frames with the same pixels one after the other only the first is restored; the output is the same", async () => {
  const region = { x: 8, y: 4, width: 40, height: 32 };
  for (const options of [{}, { everywhere: true }, { region }]) {
    for (
      const [names, calls] of [["AABBCCDD", 4], ["ABCD", 4], ["AAAAAABC", 3], ["ABBbBC", 5], [
        "ABAB",
        4,
      ]] as const
    ) {
      const { written, calls: counted } = await restored(clip(names), options);
      assert.deepEqual(written, await oneByOne(clip(names), options), names);
      assert.equal(counted, calls, `${names} ${JSON.stringify(options)}`);
    }
  }
});

Deno.test("deblurStream: a viewer is shown every frame, those that are not restored again too", async () => {
  const shown: string[] = [];
  const onFrame = (blurry: Frame, { pts, data }: Frame) => {
    shown.push(`${pts} ${blurry.pts} ${blurry.data.length === data.length}`);
  };
  const { calls } = await restored(clip("AABB"), { onFrame });
  assert.deepEqual([calls, shown], [2, ["0 0 true", "1 1 true", "2 2 true", "3 3 true"]]);
});

Deno.test("deblurStream: when the first of equal frames fails, the stream fails with its error", async () => {
  const engine = tellingEngine(() => Promise.reject(new Error("no more")));
  await assert.rejects(Array.fromAsync(clip("AAB").pipeThrough(deblurStream(engine))), {
    message: "no more",
  });
});

Deno.test("deblurStream: an encoded clip with equal frames comes out the same, with fewer calls", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("in.mkv");
  await makeVariedClip(path);
  await using once = await openMedia(path);
  await using again = await openMedia(path);
  const { written, calls } = await restored(once.frames);
  const expected = await oneByOne(again.frames);
  assert.deepEqual(written.map(({ pts }) => pts), expected.map(({ pts }) => pts));
  written.forEach(({ data }, i) => assert.deepEqual(data, expected[i]?.data, `frame ${i}`));
  assert.ok(calls < written.length, `${calls} of ${written.length}`);
});
