import assert from "node:assert/strict";
import { join } from "node:path";
import type { Picture } from "../../../src/frame.ts";
import type { Engine } from "../../../src/model/engine/engine.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { evaluate, evaluateTrajectories, type PictureQuality } from "../../../src/train/evaluate/evaluate.ts";
import { listTrajectories } from "../../../src/train/evaluate/koehler.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { brighten, engineOf, fakeEngine } from "../../helpers/fake_engine.ts";
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

/** Sequences of clouds, sharp and 10 grey levels too dark. */
async function sequences(names = ["A/1", "A/2", "A/3", "A/5", "B/1"]): Promise<PairFolder> {
  const folder = await PairFolder.create();
  for (const [i, name] of names.entries()) {
    const [sequence, file] = name.split("/");
    const { data, ...size } = renderClouds({ width: 64, height: 48, x: 8 * i });
    await folder.write(`${sequence}/sharp/${file}.png`, {
      ...size,
      data: data.map((value) => 20 + value / 2) as typeof data,
    });
    await folder.write(`${sequence}/blur/${file}.png`, {
      ...size,
      data: data.map((value) => 10 + value / 2) as typeof data,
    });
  }
  return folder;
}

Deno.test("evaluate gives an engine of three frames the neighbours in the same sequence, others none", async () => {
  await using folder = await sequences();
  const pairs = await listPairs(folder.path);
  for (const frames of [1, 3] as const) {
    const seen: string[] = [];
    const engine: Engine = {
      ...engineOf((input, { neighbours: { previous, next } = {} }) => {
        const name = (picture: Picture | undefined) => picture ? `${picture.data[0]}` : "-";
        seen.push(`${name(previous)} ${name(input)} ${name(next)}`);
        const count = [previous, next].filter((neighbour) => neighbour !== undefined).length;
        return Promise.resolve({ input, image: input, ...(frames === 3 && { neighbours: count }) });
      }),
      frames,
    };
    const blurry = await Promise.all(pairs.map(async ({ blurry }) => (await readPicture(blurry)).data[0]));
    const { pictures } = await evaluate(engine, pairs);
    const [a, b, c, d, e] = blurry;
    // An engine of three frames is asked twice: for what is fused, and for what it gives by itself.
    assert.deepEqual([...new Set(seen)], [
      `- ${a} ${b}`,
      `${a} ${b} ${c}`,
      `${b} ${c} -`,
      `- ${d} -`,
      `- ${e} -`,
    ]);
    assert.deepEqual(
      pictures.map(({ neighbours }) => neighbours),
      frames === 3 ? [1, 2, 1, 0, 0] : Array(5).fill(undefined),
    );
  }
});

Deno.test("evaluate finds the neighbours of frames whose numbers have no leading zeros, as training does", async () => {
  await using folder = await sequences(["A/8", "A/9", "A/10"]);
  const engine: Engine = {
    ...engineOf((input, { neighbours: { previous, next } = {} }) => {
      const count = [previous, next].filter((neighbour) => neighbour !== undefined).length;
      return Promise.resolve({ input, image: input, neighbours: count });
    }),
    frames: 3,
  };
  const { pictures } = await evaluate(engine, await listPairs(folder.path));
  const found = Object.fromEntries(pictures.map(({ name, neighbours }) => [name, neighbours]));
  assert.deepEqual(found, { "A/8": 1, "A/9": 2, "A/10": 1 });
});

Deno.test("evaluate tells the gain of other engines, and the flicker of pictures that follow each other", async () => {
  await using folder = await sequences();
  let run = 0;
  // Every second picture comes out 6 levels brighter than the others.
  const uneven = fakeEngine((picture) => brighten(run++ % 2 === 0 ? 13 : 7)(picture));
  const others = { right: fakeEngine(brighten(10)), half: fakeEngine(brighten(5)) };
  const { pictures } = await evaluate(uneven, await listPairs(folder.path), { others });
  for (const { others, gain } of pictures) {
    assert.deepEqual(Object.keys(others ?? {}), ["right", "half"]);
    assert.equal(others?.right, 100 - DB(10));
    assert.ok(Math.abs((others?.half ?? NaN) - (DB(5) - DB(10))) < 1e-9);
    assert.ok(Math.abs(gain - (DB(3) - DB(10))) < 1e-9);
  }
  assert.deepEqual(pictures.map(({ flicker }) => flicker !== undefined), [false, true, true, false, false]);
  for (const { flicker } of pictures.filter(({ flicker }) => flicker !== undefined)) {
    assert.ok(flicker);
    assert.deepEqual(Object.keys(flicker.others), ["right", "half"]);
    assert.ok(
      Math.abs(flicker.blurry - flicker.sharp) < 0.1 &&
        Math.abs((flicker.others.half ?? NaN) - flicker.sharp) < 0.1,
    );
    assert.ok(flicker.restored > flicker.sharp + 2, `${flicker.restored}, ${flicker.sharp}`);
  }
});
