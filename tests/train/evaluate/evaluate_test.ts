import assert from "node:assert/strict";
import { join } from "node:path";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { evaluate, evaluateTrajectories, type PictureQuality } from "../../../src/train/evaluate/evaluate.ts";
import { listTrajectories } from "../../../src/train/evaluate/koehler.ts";
import { brighten, fakeEngine } from "../../helpers/fake_engine.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const DB = (error: number) => 20 * Math.log10(255 / error);

Deno.test("evaluate gives PSNR, gain and SSIM of each picture and their means", async () => {
  await using folder = await PairFolder.create();
  for (const [name, blurry] of [["1", 90], ["2", 105]] as const) {
    await folder.write(`blur/${name}.png`, flat(blurry));
    await folder.write(`sharp/${name}.png`, flat(100));
  }
  const reported: string[] = [];
  const { pictures, mean } = await evaluate(fakeEngine(brighten(6)), await listPairs(folder.path), {
    onPicture: ({ name }, done) => reported.push(`${done} ${name}`),
  });
  const [first, second] = pictures as [PictureQuality, PictureQuality];
  assert.deepEqual(reported, ["1 1", "2 2"]);
  assert.deepEqual([first.psnrBlurry, first.psnr], [DB(10), DB(4)]);
  assert.deepEqual([second.psnrBlurry, second.psnr], [DB(5), DB(11)]);
  assert.equal(second.gain, DB(11) - DB(5));
  assert.ok(first.ssim > first.ssimBlurry && second.ssim < second.ssimBlurry);
  assert.ok(first.seconds >= 0);
  assert.equal(mean.psnr, (DB(4) + DB(11)) / 2);
  assert.ok(Math.abs(mean.gain - (mean.psnr - mean.psnrBlurry)) < 1e-9);
  assert.equal(mean.ssim, (first.ssim + second.ssim) / 2);
});

Deno.test("evaluate counts equal pictures as 100 dB, and SSIM as 1 at most", async () => {
  await using folder = await PairFolder.create();
  for (const [name, side] of [["blur/1", 0], ["sharp/1", 1], ["blur/2", 1], ["sharp/2", 1]] as const) {
    await folder.write(`${name}.png`, renderScene({ dx: side === 0 ? 1 : 0 }));
  }
  const { pictures, mean } = await evaluate(fakeEngine(() => renderScene()), await listPairs(folder.path));
  const [first, second] = pictures as [PictureQuality, PictureQuality];
  assert.deepEqual([first.psnr, first.gain], [100, 100 - first.psnrBlurry]);
  assert.deepEqual([second.psnrBlurry, second.psnr, second.gain], [100, 100, 0]);
  assert.equal(mean.gain, first.gain / 2);
  assert.ok([first, second].every(({ ssim }) => ssim > 0.999 && ssim <= 1));
});

Deno.test("evaluate and evaluateTrajectories name a picture that is too small to be measured", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["blur/a", "sharp/a", "sharp/a/0"]) await folder.write(`${name}.png`, flat(9, 8, 8));
  const engine = fakeEngine(brighten(1));
  const named = (message: RegExp) => ({ name: "MediaError", path: join(folder.path, "blur/a.png"), message });
  const pairs = [{
    name: "a",
    blurry: join(folder.path, "blur/a.png"),
    sharp: join(folder.path, "sharp/a.png"),
  }];
  await assert.rejects(evaluate(engine, pairs), named(/a\.png.*Cannot compute SSIM of 8 x 8/));
  const files = {
    name: "a",
    blurry: pairs[0]?.blurry ?? "",
    references: [join(folder.path, "sharp/a/0.png")],
  };
  await assert.rejects(evaluateTrajectories(engine, [files]), named(/a\.png.*Cannot align 8 x 8/));
});

Deno.test("evaluate stops with the signal's reason before the next picture", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["blur/1", "blur/2", "sharp/1", "sharp/2"]) await folder.write(`${name}.png`, flat(9));
  const stop = new AbortController();
  const reported: string[] = [];
  const running = evaluate(fakeEngine(brighten(1)), await listPairs(folder.path), {
    signal: stop.signal,
    onPicture: ({ name }) => {
      reported.push(name);
      stop.abort(new Error("enough"));
    },
  });
  await assert.rejects(running, { message: "enough" });
  assert.deepEqual(reported, ["1"]);
});

Deno.test("evaluate refuses to average nothing", async () => {
  await assert.rejects(evaluate(fakeEngine(brighten(1)), []), { name: "RangeError" });
});

Deno.test("evaluateTrajectories moves and scales blurry and restored picture before it compares", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/a.png", renderScene({ noise: 12 }));
  await folder.write("sharp/a/0.png", renderScene({ dx: 3, dy: 2, scale: 0.8, noise: 10 }));
  await folder.write("sharp/a/1.png", renderScene({ dx: 1.5, dy: -2.5, scale: 0.8 }));
  const engine = fakeEngine(() => renderScene());
  const { pictures: [picture] } = await evaluateTrajectories(engine, await listTrajectories(folder.path));
  assert.ok(picture !== undefined && picture.psnr > 45, `${picture?.psnr} dB`);
  assert.ok(picture.psnrBlurry < 35, `${picture.psnrBlurry} dB`);
});
