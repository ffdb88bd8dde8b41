import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandIo } from "../../../src/cli/command_io.ts";
import { evaluateCommand } from "../../../src/cli/evaluate/evaluate.ts";
import type { OpenEngineOptions } from "../../../src/model/engine/open_engine.ts";
import { shippedWeights } from "../../../src/model/weights/shipped_weights.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { brighten, engineOf, fakeEngine } from "../../helpers/fake_engine.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

function listen(isTerminal = false) {
  const heard = { stdout: "", stderr: "" };
  const io: CommandIo = {
    stdout: (text) => heard.stdout += text,
    stderr: (text) => heard.stderr += text,
    isTerminal,
    signal: new AbortController().signal,
  };
  return { heard, io };
}

async function twoPairs(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  for (const name of ["1", "2"]) {
    await folder.write(`S/blur/${name}.png`, flat(90));
    await folder.write(`S/blur_gamma/${name}.png`, flat(93));
    await folder.write(`S/sharp/${name}.png`, flat(100));
  }
  return folder;
}

/** Runs the command with an engine that adds 5 to every sample. */
async function evaluateWith(args: readonly string[], isTerminal = false) {
  const { heard, io } = listen(isTerminal);
  const engine = fakeEngine(brighten(5));
  const opened: OpenEngineOptions[] = [];
  const code = await evaluateCommand([...args, "--weights", shippedWeights("fast")], io, (options) => {
    opened.push(options);
    return Promise.resolve(engine);
  });
  return { ...heard, code, engine, opened };
}

for (
  const [args, message] of [
    [[], /Nothing to evaluate on: .*DIR/],
    [["a", "b"], /"b".*one DIR/],
    [["a", "--device", "abacus"], /Invalid value "abacus" for --device: expected auto, cuda/],
    [["a", "--blur", "gamma"], /Invalid value "gamma" for --blur: expected blur or blur_gamma/],
    [["a", "--koehler", "--blur", "blur"], /--blur does nothing with --koehler/],
    [["a", "--fast"], /--fast/],
  ] as const
) {
  Deno.test(`evaluate ${args.join(" ")} is a usage error`, async () => {
    await assert.rejects(evaluateCommand(args, listen().io), { name: "UsageError", message });
  });
}

Deno.test("evaluate --json prints pictures and their mean, and nothing else on stdout", async () => {
  await using folder = await twoPairs();
  const { stdout, code, engine, opened } = await evaluateWith([folder.path, "--json", "--device", "cpu"]);
  assert.equal(code, 0);
  assert.equal(engine.isDisposed, true);
  const asked = opened.map((
    { weights, device },
  ) => [typeof weights === "string" ? weights : weights.path, device]);
  assert.deepEqual(asked, [[shippedWeights("fast"), "cpu"]]);
  const report = JSON.parse(stdout);
  assert.deepEqual(Object.keys(report), ["device", "precision", "pictures", "mean"]);
  assert.deepEqual([report.device, report.precision], [engine.device, "float32"]);
  const measures = ["psnrBlurry", "psnr", "gain", "ssimBlurry", "ssim"];
  assert.deepEqual(Object.keys(report.pictures[0]), ["name", ...measures, "seconds"]);
  assert.deepEqual(Object.keys(report.mean), measures);
  assert.deepEqual(report.pictures.map(({ name }: { name: string }) => name), ["S/1", "S/2"]);
  assert.ok(Math.abs(report.mean.gain - 20 * Math.log10(2)) < 1e-9);
});

Deno.test("evaluate prints every picture, the mean, and Table 1 with its rows marked as published", async () => {
  await using folder = await twoPairs();
  const { stdout, stderr } = await evaluateWith([folder.path]);
  assert.match(stderr, /2 pairs; blurry pictures from blur\/ \(plain means/);
  assert.match(stdout, /S\/1 +28\.13 +34\.15 +\+6\.02/);
  assert.match(stdout, /mean +28\.13 +34\.15 +\+6\.02/);
  assert.match(stdout, /Method .*Tao \[11\]\* .*Paper w\/o TWN\* +Paper\* +Blurry input +This network\n/);
  assert.match(stdout, /PSNR +29\.08 +30\.10 +28\.70 +28\.17 +30\.18 +30\.56 +28\.13 +34\.15\n/);
  assert.match(stdout, /SSIM +0\.914 +0\.924 +0\.958 +0\.925 +0\.926 +0\.933 +/);
  assert.match(stdout, /\* As published\. Comparable only over the full GoPro test set/);
});

Deno.test("evaluate --blur blur_gamma takes the other pictures and says so", async () => {
  await using folder = await twoPairs();
  const { stdout, stderr } = await evaluateWith([folder.path, "--blur", "blur_gamma"], true);
  assert.match(stderr, /from blur_gamma\/ \(means of frames in linear light/);
  assert.match(stderr, /Evaluating.* 2\/2 pictures \| \+10\.88 dB/s);
  assert.match(stdout, /mean +31\.23 +42\.11/);
});

Deno.test("evaluate --koehler prints Table 2", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/1.png", renderScene());
  await folder.write("sharp/1/0.png", renderScene({ dx: 1 }));
  const { stdout, stderr } = await evaluateWith([folder.path, "--koehler"]);
  assert.match(stderr, /^1 picture against 1 frame of/);
  assert.match(stdout, /Table 2.*over 1 picture\n/);
  assert.match(stdout, /PSNR +29\.96 +30\.20 +26\.48 +26\.75 +26\.10 +26\.36 +26\.80 /);
});

Deno.test("evaluate prints what the engine says of its device", async () => {
  await using folder = await twoPairs();
  const { heard, io } = listen();
  const note = 'Device "cuda": no driver. Using "cpu" instead.';
  await evaluateCommand(
    [folder.path, "--weights", shippedWeights("fast")],
    io,
    () => Promise.resolve({ ...fakeEngine(brighten(5)), notes: [note] }),
  );
  assert.ok(heard.stderr.includes(`\n${note}\n`), heard.stderr);
});

Deno.test("evaluate opens no engine if a picture lacks its counterpart", async () => {
  await using folder = await twoPairs();
  await folder.write("S/blur/3.png", flat(1));
  const { io } = listen();
  await assert.rejects(
    evaluateCommand([folder.path, "--weights", shippedWeights("fast")], io, () => assert.fail("not opened")),
    { name: "MediaError", path: join(folder.path, "S/blur/3.png") },
  );
});

Deno.test("evaluate --koehler opens no engine where a frame of a trajectory is cut off", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/1.png", renderScene());
  await folder.write("sharp/1/0.png", renderScene({ dx: 1 }));
  const path = join(folder.path, "sharp/1/0.png");
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
  await assert.rejects(
    evaluateCommand(
      [folder.path, "--koehler", "--weights", shippedWeights("fast")],
      listen().io,
      () => assert.fail("not opened"),
    ),
    { name: "MediaError", path },
  );
});

Deno.test("evaluate holds a network of three frames against itself alone and against fast, and prints the flicker", async () => {
  await using folder = await PairFolder.create();
  for (const [i, name] of ["1", "2", "3"].entries()) {
    const { data, ...size } = renderClouds({ width: 64, height: 48, x: 8 * i });
    await folder.write(`S/sharp/${name}.png`, {
      ...size,
      data: data.map((value) => 20 + value / 2) as typeof data,
    });
    await folder.write(`S/blur/${name}.png`, {
      ...size,
      data: data.map((value) => 10 + value / 2) as typeof data,
    });
  }
  const { heard, io } = listen();
  const opened: unknown[] = [];
  const code = await evaluateCommand([folder.path, "--preset", "fast-video"], io, ({ weights, alone }) => {
    const path = typeof weights === "string" ? weights : weights.path;
    opened.push([path, alone]);
    const isVideo = path === shippedWeights("fast-video");
    return Promise.resolve({
      ...engineOf((input, { neighbours }) => {
        const count = Object.keys(neighbours ?? {}).length;
        // Ten levels are missing: five come back alone, two more for each neighbour, eight by fast.
        const image = brighten(isVideo ? 5 + 2 * count : 8)(input);
        return Promise.resolve({ input, image, neighbours: count });
      }),
      frames: isVideo ? 3 as const : 1 as const,
    });
  });
  assert.equal(code, 0);
  const [video, fast] = [shippedWeights("fast-video"), shippedWeights("fast")];
  assert.deepEqual(opened, [[video, fast], [fast, undefined], [video, undefined]]); // with its help, as deblur does; without
  assert.match(heard.stdout, /Picture +PSNR blurry +PSNR +gain +gain unfused +gain alone +gain fast +SSIM/);
  // Fused, each is as bright as the mean of those beside it.
  assert.match(heard.stdout, /S\/1 +28\.13 +\d+\.\d\d +\+1\d\.\d\d +\+10\.46 +\+6\.02 +\+13\.98 /);
  assert.match(heard.stdout, /S\/2 +28\.13 +\d+\.\d\d +\+1\d\.\d\d +\+20\.00 +\+6\.02 +\+13\.98 /);
  assert.match(heard.stdout, /with both neighbours, S +28\.13 +\d+\.\d\d +\+1\d\.\d\d +\+20\.00 /);
  assert.match(heard.stdout, /mean +28\.13 +\d+\.\d\d +\+1\d\.\d\d +\+13\.64 +\+6\.02 +\+13\.98 /);
  assert.match(
    heard.stdout,
    /Flicker: [^\n]*grey levels\nSequence +sharp +blurry +restored +unfused +alone +fast\nS +\d/,
  );
});

Deno.test("evaluate refuses --preset beside --weights, and a preset that no weights are shipped for", async () => {
  for (
    const [args, message] of [
      [
        ["a", "--preset", "fast", "--weights", shippedWeights("fast")],
        /--preset does nothing with --weights/,
      ],
      [["a", "--preset", "smoke"], /"smoke" for --preset: expected fast or fast-video/],
    ] as const
  ) {
    await assert.rejects(evaluateCommand(args, listen().io), { name: "UsageError", message });
  }
});
