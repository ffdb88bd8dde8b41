import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Picture } from "../../../src/frame.ts";
import { listTrajectories, scoreOnTrajectory } from "../../../src/train/evaluate/koehler.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { type CameraView, renderScene } from "../../helpers/smooth_scene.ts";

const SHIFTED = { dx: 2.4, dy: -1.3 };
const DIMMED = { scale: 0.7 };

/** A trajectory in which shift and scale each decide who wins. */
const TRAJECTORY: readonly CameraView[] = [
  { ...DIMMED, noise: 8 }, // the best without a shift
  { dx: -1.5, dy: 0.7, noise: 4 }, // the best without a scale
  { ...SHIFTED, ...DIMMED, noise: 1 }, // the best with both
  { dx: 40, dy: 3 }, // farther away than is looked
];

async function trajectoryFolder(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  await folder.write("blur/Blurry1_1.png", renderScene());
  for (const [i, reference] of references().entries()) {
    await folder.write(`sharp/Blurry1_1/00${i}.png`, reference);
  }
  return folder;
}

function references(): Picture[] {
  return TRAJECTORY.map((view, i) => renderScene({ ...view, seed: i }));
}

/** Index of the largest PSNR of views made to fit as well as is known, without {@linkcode scoreOnTrajectory}. */
function winner(views: readonly CameraView[]): number {
  const frames = references();
  const scores = views.map((view, i) =>
    psnr(renderScene(view), frames[i] ?? assert.fail("a reference a view"))
  );
  return scores.indexOf(Math.max(...scores));
}

Deno.test("scoreOnTrajectory finds the reference that wins only with both shift and scale", async () => {
  await using folder = await trajectoryFolder();
  const directory = folder.path;
  const withoutShift = TRAJECTORY.map(({ scale = 1 }) => ({ scale }));
  const withoutScale = TRAJECTORY.slice(0, 3).map(({ dx = 0, dy = 0 }) => ({ dx, dy }));
  assert.equal(winner(withoutShift), 0);
  assert.equal(winner(withoutScale), 1);

  const [files] = await listTrajectories(directory);
  const [score] = await scoreOnTrajectory([renderScene()], files?.references ?? []);
  assert.equal(score?.best, 2);
  assert.ok(score.psnr > 44, `${score.psnr} dB`);
  assert.ok(score.ssim > 0.99, `SSIM ${score.ssim}`);
});

Deno.test("scoreOnTrajectory scores several pictures against one trajectory, each for itself", async () => {
  await using folder = await trajectoryFolder();
  const directory = folder.path;
  const [files] = await listTrajectories(directory);
  const [good, bad] = await scoreOnTrajectory(
    [renderScene(), renderScene({ noise: 15 })],
    files?.references ?? [],
  );
  assert.ok(good && bad && good.psnr > bad.psnr + 10 && good.ssim > bad.ssim);
});

Deno.test("scoreOnTrajectory names a reference of another size", async () => {
  await using folder = await trajectoryFolder();
  const directory = folder.path;
  const [files] = await listTrajectories(directory);
  const other = renderScene({ width: 96, height: 96 });
  await assert.rejects(scoreOnTrajectory([other], files?.references ?? []), {
    name: "MediaError",
    message: /000\.png: It is 120 x 96, but its blurry picture is 96 x 96/,
  });
});

Deno.test("listTrajectories names a reference of another size and one that is not a picture", async () => {
  await using folder = await trajectoryFolder();
  const directory = folder.path;
  await folder.write("sharp/Blurry1_1/001.png", renderScene({ width: 96, height: 96 }));
  const message = /001\.png: It is 96 x 96, but its blurry picture is 120 x 96/;
  await assert.rejects(listTrajectories(directory), { name: "MediaError", message });
  await folder.writeText("sharp/Blurry1_1/001.png");
  await assert.rejects(listTrajectories(directory), {
    name: "MediaError",
    path: join(directory, "sharp/Blurry1_1/001.png"),
  });
});

Deno.test("listTrajectories names pictures without references and references without a picture", async () => {
  await using folder = await trajectoryFolder();
  const directory = folder.path;
  const blurry = join(directory, "blur/Blurry1_1.png");
  assert.deepEqual(await listTrajectories(directory), [{
    name: "Blurry1_1",
    blurry,
    references: [0, 1, 2, 3].map((i) => join(directory, `sharp/Blurry1_1/00${i}.png`)),
  }]);
  await mkdir(join(directory, "sharp/Blurry1_2"));
  await assert.rejects(listTrajectories(directory), {
    name: "MediaError",
    path: join(directory, "sharp/Blurry1_2"),
  });
  await folder.write("blur/Blurry1_2.png", renderScene());
  await assert.rejects(listTrajectories(directory), {
    name: "MediaError",
    message: /Blurry1_2\.png: Its reference pictures are missing/,
  });
  await assert.rejects(listTrajectories(join(directory, "blur")), { name: "MediaError" });
});

Deno.test("listTrajectories ignores files beside the folders", async () => {
  await using folder = await trajectoryFolder();
  await folder.writeText("sharp/.DS_Store");
  await folder.writeText("sharp/readme.txt");
  const listed = await listTrajectories(folder.path);
  assert.deepEqual(listed.map(({ name }) => name), ["Blurry1_1"]);
});

Deno.test("listTrajectories names the folder that is missing, and the layout", async () => {
  await using folder = await PairFolder.create();
  const refused = (missing: string) =>
    assert.rejects(listTrajectories(folder.path), {
      name: "MediaError",
      path: folder.path,
      message: new RegExp(
        `There is no folder "${missing}" in it\\. The layout is blur/NAME\\.png .* sharp/NAME/`,
      ),
    });
  await refused("blur");
  await mkdir(join(folder.path, "blur"));
  await refused("sharp");
  await mkdir(join(folder.path, "sharp"));
  await assert.rejects(
    listTrajectories(folder.path),
    /There are no pictures in it\. The layout is blur\/NAME/,
  );
});

Deno.test("listTrajectories decodes every picture on request, and names a truncated one", async () => {
  await using folder = await trajectoryFolder();
  assert.equal((await listTrajectories(folder.path, { decode: true })).length, 1);
  const path = join(folder.path, "sharp/Blurry1_1/002.png");
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
  assert.equal((await listTrajectories(folder.path)).length, 1, "its header is whole");
  await assert.rejects(listTrajectories(folder.path, { decode: true }), { name: "MediaError", path });
});
