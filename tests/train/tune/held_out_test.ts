import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import type { Engine } from "../../../src/model/engine/engine.ts";
import { encodePng } from "../../../src/train/data/picture_file.ts";
import { HeldOut, whyNotBetter } from "../../../src/train/tune/held_out.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const CAMERA = { meanSpeed: 6, mostNoise: 1 };

/** Gives every picture back as it came, and notes what it was given. */
function unchanging() {
  const given: number[][] = [];
  const engine: Pick<Engine, "run"> = {
    run(picture, options) {
      const { previous, next } = options?.neighbours ?? {};
      given.push([picture, previous, next].map((one) => one?.width ?? 0));
      return Promise.resolve({ image: picture, input: picture });
    },
  };
  return { engine: engine as Engine, given };
}

Deno.test("HeldOut blurs each moment twice and gives it sharp once, the same way every time, with neighbours", async () => {
  await using folder = await temporaryFolder();
  const moments = [folder.file("1.png"), folder.file("2.png")];
  for (const [i, path] of moments.entries()) {
    await writeFile(path, await encodePng(renderClouds({ width: 90, height: 70, x: 20 * i })));
  }
  const heldOut = await HeldOut.open(moments, CAMERA);
  assert.equal(heldOut.length, 6);
  const { engine, given } = unchanging();
  assert.deepEqual(await heldOut.measure(engine), Array(6).fill(0));
  assert.deepEqual(await heldOut.measure(engine), Array(6).fill(0), "the pictures are measured on again");
  assert.deepEqual(given, Array(12).fill([70, 70, 70]));
  const black: Engine["run"] = (picture) =>
    Promise.resolve({ input: picture, image: { ...picture, data: new Uint8Array(picture.data.length) } });
  const losses = await heldOut.measure({ ...engine, run: black });
  assert.ok(losses.every((loss) => loss < -1), `${losses}`);
  assert.deepEqual(await (await HeldOut.open(moments, CAMERA)).measure({ ...engine, run: black }), losses);
});

Deno.test("whyNotBetter: weights have to gain in the mean, and lose no picture", () => {
  assert.equal(whyNotBetter([0.5, 1, -0.2], [1, 1, -0.25]), undefined);
  assert.match(whyNotBetter([0.5, 1], [0.5, 1]) ?? "", /gain 0\.00 dB less/);
  assert.match(whyNotBetter([0.5, 1], [0.2, 1]) ?? "", /gain 0\.15 dB less/);
  assert.match(whyNotBetter([0.5, 1], [2, 0.8]) ?? "", /one of the pictures held out loses 0\.20 dB/);
});
