import assert from "node:assert/strict";
import type { Engine } from "../../../src/model/engine/engine.ts";
import { restoreAsJob } from "../../../src/server/sources/restore_as_job.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";

const CLIP = { width: 96, height: 64, frames: 20, frameRate: 25 };
const { signal } = new AbortController();

function restoreFrom(start: number, pts: bigint, isLastTry: boolean, engine: Engine = tellingEngine()) {
  const shares: number[] = [];
  const onProgress = (share: number) => void shares.push(Math.round(100 * share));
  const picture = restoreAsJob(fakeSource(CLIP, { start: start / 25 }), engine, pts, {
    isLastTry,
    onProgress,
    signal,
  });
  return { shares, picture };
}

Deno.test("restoreAsJob wants more frames before, if they could change the frame or what it is fused with", async () => {
  let restored = 0;
  const engine = tellingEngine(() => void restored++);
  assert.equal(await restoreFrom(7, 9n, false, engine).picture, undefined);
  assert.equal(restored, 0, "nothing is restored in vain");
  const early = await restoreFrom(1, 9n, false, engine).picture;
  assert.deepEqual([early?.width, early?.height, restored], [96, 64, 3]);
  assert.deepEqual((await restoreFrom(0, 9n, true).picture)?.data, early?.data);
  assert.ok(await restoreFrom(7, 9n, true).picture);
});

Deno.test("restoreAsJob gives nothing where the frame is not", async () => {
  assert.equal(await restoreFrom(0, 20n, true).picture, undefined);
});

Deno.test("restoreAsJob counts three pictures as one", async () => {
  const engine = tellingEngine();
  const { picture, shares } = restoreFrom(0, 9n, true, {
    ...engine,
    concurrency: 1,
    run: (picture, options) => {
      options?.onProgress?.(0.5);
      options?.onProgress?.(1);
      return engine.run(picture, options);
    },
  });
  await picture;
  assert.deepEqual(shares, [17, 33, 50, 67, 83, 100]);
});

Deno.test("restoreAsJob fails as its engine or its source does", async () => {
  const engine = tellingEngine(() => Promise.reject(new Error("the device is gone")));
  await assert.rejects(restoreFrom(0, 9n, true, engine).picture, /the device is gone/);
  const broken = fakeSource({ ...CLIP, breaksAt: 5 });
  const options = { isLastTry: true, onProgress: () => {}, signal };
  await assert.rejects(restoreAsJob(broken, tellingEngine(), 9n, options), /damaged here/);
});
