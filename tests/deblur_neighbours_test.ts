import assert from "node:assert/strict";
import { deblur, type DeblurOptions } from "../src/deblur.ts";
import type { Frame, Picture } from "../src/frame.ts";
import type { Engine, RestoreOptions } from "../src/model/engine/engine.ts";
import { engineOf } from "./helpers/fake_engine.ts";
import { memorySink, memorySource } from "./helpers/memory_media.ts";
import { renderScene } from "./helpers/smooth_scene.ts";

const PLACES = [0, 30, 60, 90];
const SIZE = { width: 64, height: 48 };

function source(pts = [0, 1, 2, 3], frameRate = 25) {
  const made = memorySource((i): Frame | undefined => {
    const [dx, time] = [PLACES[i], pts[i]];
    if (dx === undefined || time === undefined) return undefined;
    return { ...renderScene({ ...SIZE, dx }), pts: BigInt(time), duration: 1n };
  });
  return { ...made, frames: made.frames, info: { ...made.info, frameRate } };
}

/** What an engine is asked, and the pictures that came along. */
async function asked(frames: 1 | 3, options: DeblurOptions = {}, from: ReturnType<typeof source> = source()) {
  const calls: RestoreOptions[] = [];
  const neighbours: Picture[] = [];
  const engine: Engine = {
    ...engineOf((input, options) => {
      calls.push(options);
      const { previous, next } = options.neighbours ?? {};
      for (const picture of [previous, next]) {
        if (picture === undefined) continue;
        assert.equal(picture.data.length, 3 * SIZE.width * SIZE.height);
        neighbours.push(picture);
      }
      const copy = () => ({ ...input, data: input.data.slice() });
      return Promise.resolve({ input, image: copy(), ...(options.branches && { up: copy() }) });
    }),
    frames,
  };
  const sink = memorySink();
  await deblur(from, sink, engine, options);
  const names = calls.map(({ neighbours: { previous, next } = {} }) =>
    `${previous ? "p" : "-"}${next ? "n" : "-"}`
  );
  return { names, details: calls.map(({ detail = 1 }) => detail), neighbours, written: sink.written };
}

Deno.test("deblur: an engine of three frames gets the neighbours of every frame, whatever is restored of it", async () => {
  for (const options of [{}, { everywhere: true }, { branches: true }]) {
    const { names, written } = await asked(3, options);
    assert.deepEqual(names, ["-n", "pn", "pn", "p-"]);
    assert.deepEqual(written.map(({ pts }) => pts), [0n, 1n, 2n, 3n]);
  }
});

Deno.test("deblur: frames that are fused are restored with more detail, which their mean takes back; others with what was asked for", async () => {
  const details = async (frames: 1 | 3, options: DeblurOptions) => (await asked(frames, options)).details;
  assert.deepEqual(await details(3, {}), Array(4).fill(1.2));
  assert.deepEqual(await details(3, { detail: 0.5 }), Array(4).fill(0.6));
  assert.deepEqual(await details(3, { detail: 0 }), Array(4).fill(0));
  for (const options of [{ fuse: false }, { branches: true }]) {
    assert.deepEqual(await details(3, options), Array(4).fill(1));
  }
  assert.deepEqual(await details(1, { detail: 0.5 }), Array(4).fill(0.5));
  assert.deepEqual((await asked(3, {}, source([0]))).details, [1]);
});

Deno.test("deblur: an engine of one frame gets none", async () => {
  for (const options of [{}, { everywhere: true }]) {
    assert.deepEqual((await asked(1, options)).names, ["--", "--", "--", "--"]);
  }
});

Deno.test("deblur: pictures of a sequence and frames of a live source have neighbours too, unless some were dropped", async () => {
  for (const kind of ["sequence", "live"] as const) {
    const all = source();
    assert.deepEqual((await asked(3, {}, { ...all, info: { ...all.info, kind } })).names, [
      "-n",
      "pn",
      "pn",
      "p-",
    ]);
    const some = source([0, 1, 9, 10]);
    assert.deepEqual((await asked(3, {}, { ...some, info: { ...some.info, kind } })).names, [
      "-n",
      "p-",
      "-n",
      "p-",
    ]);
  }
});

Deno.test("deblur: the memory of neighbours is given back as the job goes on", async () => {
  const { neighbours } = await asked(3);
  const held = neighbours.filter(({ data }) => !data.buffer.detached);
  assert.ok(neighbours.length === 6 && held.length <= 1, `${held.length} of ${neighbours.length}`);
});
