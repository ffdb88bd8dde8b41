import assert from "node:assert/strict";
import { deblurStream, type DeblurStreamOptions } from "../src/deblur_stream.ts";
import type { Frame, Picture } from "../src/frame.ts";
import { fuseFrames, type FuseFramesOptions, type JudgedResult } from "../src/fuse_frames.ts";
import { blockDifference, changedPicture, fuseNeighbours } from "../src/motion/fuse_neighbours.ts";
import type { Engine } from "../src/model/engine/engine.ts";
import { engineOf } from "./helpers/fake_engine.ts";
import { memorySource } from "./helpers/memory_media.ts";
import { meanDifference, noiseScene } from "./helpers/noise_scene.ts";
import { seededRandom } from "./helpers/random_weights.ts";

const SIZE = { width: 64, height: 48 };
const SCENE = noiseScene(SIZE.width, SIZE.height);

/** The scene with errors of up to 10 grey levels that belong to a name. */
function named(name: string): Uint8Array<ArrayBuffer> {
  const random = seededRandom(name.charCodeAt(0));
  return Uint8Array.from(SCENE.data, (value) => value + 20 * random() - 10);
}

const pictureOf = (name: string): Picture => ({ ...SIZE, data: named(name) });
const BLURRY: Picture = { ...SIZE, data: SCENE.data.map((value) => value + 20) };

/** What fusing gives for "previous here next"; "-" where there is none. */
function fusion([previous = "-", here = "-", next = "-"]: string): Picture["data"] {
  const changed = (name: string) => {
    const picture = pictureOf(name);
    return changedPicture(picture, blockDifference(picture, BLURRY));
  };
  return fuseNeighbours(changed(here), [previous, next].filter((name) => name !== "-").map(changed)).data;
}

/** One letter one frame; a repeated letter is a repetition, and `!` after it says that it has no next neighbour. */
function results(
  names: string,
): JudgedResult<{ run: object; neighbours: { previous?: Picture; next?: Picture } }>[] {
  const letters = [...names.matchAll(/(\w)(!?)/g)].map(([, name = "", end]) => ({
    name,
    isEnd: end === "!",
  }));
  let [run, first] = [{}, true];
  return letters.map(({ name, isEnd }, i) => {
    if (i > 0 && letters[i - 1]?.name !== name) [run, first] = [{}, false];
    const neighbours = { ...(!first && { previous: BLURRY }), ...(!isEnd && { next: BLURRY }) };
    const times = { pts: BigInt(i), duration: 1n };
    return {
      judged: { run, neighbours },
      blurry: { ...BLURRY, data: BLURRY.data.slice(), ...times },
      restored: { ...pictureOf(name), ...times },
    };
  });
}

async function fused(names: string, options: FuseFramesOptions = {}) {
  const given = results(names);
  const out = await Array.fromAsync(ReadableStream.from(given).pipeThrough(fuseFrames(options)));
  return { given, out };
}

Deno.test("fuseFrames: each frame is fused with those beside it, as they were restored; the first and the last with one", async () => {
  const { out } = await fused("ABCD!");
  assert.deepEqual(out.map(({ restored }) => restored.pts), [0n, 1n, 2n, 3n]);
  ["-AB", "ABC", "BCD", "CD-"].forEach((beside, i) =>
    assert.equal(meanDifference(out[i]?.restored.data ?? [], fusion(beside)), 0, beside)
  );
});

Deno.test("fuseFrames: repetitions of a frame are not beside it; those that nothing can follow do not wait", async () => {
  const { out } = await fused("ABBC!");
  ["-AB", "ABC", "ABC", "BC-"].forEach((beside, i) =>
    assert.equal(meanDifference(out[i]?.restored.data ?? [], fusion(beside)), 0, beside)
  );
  const long = await fused("AB!B!B!CD!");
  ["-AB", "AB-", "AB-", "AB-", "BCD", "CD-"].forEach((beside, i) =>
    assert.equal(meanDifference(long.out[i]?.restored.data ?? [], fusion(beside)), 0, beside)
  );
});

Deno.test("fuseFrames: what no other frame needs any more is freed; the blurry frames are handed on", async () => {
  const { given, out } = await fused("ABBCD!D!E!");
  assert.deepEqual(given.map(({ restored }) => restored.data.byteLength), given.map(() => 0));
  assert.ok(out.every(({ blurry, restored }) => blurry.data.length > 0 && restored.data.length > 0));
  const unseen = await fused("ABBCD!D!E!", { needsBlurry: false });
  assert.deepEqual(unseen.out.map(({ blurry }) => blurry.data.byteLength), given.map(() => 0));
  unseen.out.forEach(({ restored }, i) => assert.deepEqual(restored.data, out[i]?.restored.data));
});

/** An engine that adds 12 grey levels and an error of its own to what it is given. */
function noisyEngine(): Engine {
  let calls = 0;
  return {
    ...engineOf((input) => {
      const random = seededRandom(++calls);
      const data = Uint8Array.from(input.data, (value) => value + 12 + 16 * random() - 8);
      return Promise.resolve({ input, image: { ...SIZE, data } });
    }),
    frames: 3,
  };
}

/** A scene that moves by 6 pixels a frame. */
function pan(): ReadableStream<Frame> {
  const wide = noiseScene(2 * SIZE.width, SIZE.height);
  return memorySource((i) => {
    if (i === 8) return undefined;
    const data = new Uint8Array(3 * SIZE.width * SIZE.height);
    for (let y = 0; y < SIZE.height; y++) {
      const from = 3 * (y * wide.width + 6 * i);
      data.set(wide.data.subarray(from, from + 3 * SIZE.width), 3 * y * SIZE.width);
    }
    return { ...SIZE, data: data.map((value) => value / 2), pts: BigInt(i), duration: 1n };
  }).frames;
}

async function errors(options: DeblurStreamOptions): Promise<number[]> {
  const sharp = await Array.fromAsync(pan());
  const written = await Array.fromAsync(pan().pipeThrough(deblurStream(noisyEngine(), options)));
  return written.map(({ data }, i) => {
    let sum = 0;
    data.forEach((value, k) => sum += Math.abs(value - (sharp[i]?.data[k] ?? NaN) - 12));
    return sum / data.length;
  });
}

Deno.test("deblurStream: frames of an engine of three are fused, unless the network alone is asked for", async () => {
  const [fused, alone] = [await errors({}), await errors({ fuse: false })];
  assert.equal(fused.length, 8);
  fused.slice(1, -1).forEach((error, i) =>
    assert.ok(error < 0.8 * (alone[i + 1] ?? NaN), `${error} of ${alone[i + 1]}`)
  );
});

Deno.test("deblurStream: frames of a range of times are what they are in the whole", async () => {
  const engine = (): Engine => ({
    ...engineOf((input) => {
      const random = seededRandom([...input.data].reduce((sum, value) => (31 * sum + value) % 9973, 7));
      return Promise.resolve({
        input,
        image: { ...SIZE, data: Uint8Array.from(input.data, (value) => value + 9 * random()) },
      });
    }),
    frames: 3,
  });
  const whole = await Array.fromAsync(pan().pipeThrough(deblurStream(engine())));
  for (const [from, until] of [[0, 8], [2, 5], [0, 1], [7, 8]] as const) {
    const times = { from: BigInt(from), until: BigInt(until) };
    const part = await Array.fromAsync(pan().pipeThrough(deblurStream(engine(), { times })));
    assert.deepEqual(part.map(({ pts }) => pts), whole.slice(from, until).map(({ pts }) => pts));
    part.forEach(({ data }, i) =>
      assert.equal(meanDifference(data, whole[from + i]?.data ?? []), 0, `frame ${from + i}`)
    );
  }
});
