import assert from "node:assert/strict";
import { deblur, type DeblurOptions } from "../src/deblur.ts";
import { FULL_STRENGTH } from "../src/model/restore/strength.ts";
import { brighten, engineOf, fakeEngine } from "./helpers/fake_engine.ts";
import { memorySink, memorySource } from "./helpers/memory_media.ts";
import { renderScene } from "./helpers/smooth_scene.ts";

Deno.test("deblur: what stands still in a video is told and stays as it is, unless everything is to be restored", async () => {
  const places = [0, 1, 2, 30];
  const source = () =>
    memorySource((i) => {
      const dx = places[i];
      return dx === undefined ? undefined : { ...renderScene({ dx }), pts: BigInt(i), duration: 1n };
    });
  const run = async (options: DeblurOptions) => {
    const strengths: number[] = [];
    const engine = engineOf((input, { strength = FULL_STRENGTH }) => {
      strengths.push(Math.max(...strength.values));
      return Promise.resolve({ input, image: { ...input, data: input.data.slice() } });
    });
    const { frames, stillShare } = await deblur(source(), memorySink(), engine, options);
    return { frames, stillShare, strengths };
  };
  assert.deepEqual(await run({}), { frames: 4, stillShare: 0.75, strengths: [0, 0, 0, 1] });
  for (const kind of ["sequence", "live"] as const) {
    const { frames } = source();
    const other = { ...source(), frames, info: { ...source().info, kind } };
    assert.equal((await deblur(other, memorySink(), fakeEngine(brighten(0)))).stillShare, 0, kind);
  }
  for (const options of [{ everywhere: true }, { branches: true }]) {
    assert.deepEqual(await run(options), { frames: 4, stillShare: 0, strengths: [1, 1, 1, 1] });
  }
});
