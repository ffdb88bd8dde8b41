import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import sharp, { type Metadata, type Sharp } from "sharp";
import { cameraJpeg, FRAME, jpegParts } from "../../helpers/camera_jpeg.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  return {
    ...folder,
    deblur: (args: readonly string[]) => runCli(["deblur", "--device", "cpu", "--weights", weights, ...args]),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A picture of stripes. Opacity, the last of 2 or 4 channels, is a ramp. */
function stripes(width: number, height: number, channels: 1 | 2 | 3 | 4, bits: 8 | 16 = 8): Sharp {
  const length = width * height * channels;
  const samples = bits === 16 ? new Uint16Array(length) : new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const isOpacity = channels % 2 === 0 && i % channels === channels - 1;
    const value = isOpacity ? i % 251 : 60 + 40 * (Math.floor(i / channels) % width % 4);
    samples[i] = bits === 16 ? value * 256 + 17 : value;
  }
  const space = channels < 3 ? (bits === 16 ? "grey16" : "b-w") : bits === 16 ? "rgb16" : "srgb";
  return sharp(samples, { raw: { width, height, channels } }).toColourspace(space);
}

/** What must be the same in a picture that comes out. */
function kept({ format, width, height, channels, depth, orientation = 1, icc, hasAlpha }: Metadata) {
  return { format, width, height, channels, depth, orientation, icc, hasAlpha };
}

const PICTURES: readonly (readonly [name: string, picture: Sharp])[] = [
  ["plain.png", stripes(20, 14, 3).png()],
  ["deep, with opacity and profile.png", stripes(20, 14, 4, 16).withIccProfile("p3").png()],
  ["grey.png", stripes(20, 14, 1).png()],
  ["deep grey.png", stripes(20, 14, 1, 16).png()],
  [
    "turned.jpg",
    stripes(21, 13, 3).withExif({ IFD0: { Model: "A camera" } }).withMetadata({ orientation: 6 })
      .withIccProfile("p3").jpeg(),
  ],
  ["mirrored.jpeg", stripes(21, 13, 3).withMetadata({ orientation: 7 }).jpeg({ chromaSubsampling: "4:4:4" })],
  ["clear.webp", stripes(20, 14, 4).webp({ lossless: true })],
  ["deep.tif", stripes(20, 14, 3, 16).tiff({ compression: "deflate" })],
  ["opacity.tiff", stripes(20, 14, 4).withMetadata({ orientation: 3 }).tiff({ compression: "deflate" })],
  ["dot.png", stripes(1, 1, 3).png()],
  ["smaller than the stride.png", stripes(3, 2, 3).png()],
];

Deno.test("deblur: pictures come out as pictures of the same format, depth, profile, EXIF and orientation", async (t) => {
  await using place = await workplace();
  const inputs = PICTURES.map(([name]) => place.file(name));
  for (const [name, picture] of PICTURES) await picture.toFile(place.file(name));
  const { code, stdout } = await place.deblur([...inputs, "--json"]);
  assert.equal(code, 0);
  const reports = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const [i, [name]] of PICTURES.entries()) {
    await t.step(name, async () => {
      const [input, output] = [place.file(name), reports[i].output];
      assert.match(output, /\.deblurred\.(png|jpe?g|webp|tiff?)$/);
      assert.equal(reports[i].frames, 1);
      const before = await sharp(input).metadata();
      const after = await sharp(output).metadata();
      assert.deepEqual(kept(after), kept(before));
      assert.match(after.exif?.toString("latin1") ?? "", name === "turned.jpg" ? /A camera/ : /^/);
      const depth = before.depth === "ushort" ? "ushort" : "uchar";
      const [blurry, restored] = await Promise.all([input, output].map((path) => samplesOf(path, depth)));
      assert.notDeepEqual(restored, blurry, "the network changed something");
      if (!before.hasAlpha) return;
      const [opacity, sameOpacity] = await Promise.all([input, output].map((path) => opacityOf(path, depth)));
      assert.deepEqual(sameOpacity, opacity);
    });
  }
});

async function samplesOf(path: string, depth: "uchar" | "ushort") {
  return await sharp(path, { ignoreIcc: true }).removeAlpha().raw({ depth }).toBuffer();
}

async function opacityOf(path: string, depth: "uchar" | "ushort") {
  const space = depth === "ushort" ? "grey16" : "b-w";
  return await sharp(path, { ignoreIcc: true }).extractChannel("alpha").toColourspace(space).raw({ depth })
    .toBuffer();
}

Deno.test("deblur: a name of another format turns a picture into it", async () => {
  await using place = await workplace();
  await stripes(20, 14, 3).png().toFile(place.file("a.png"));
  assert.equal((await place.deblur([place.file("a.png"), "-o", place.file("b.webp")])).code, 0);
  assert.equal((await sharp(place.file("b.webp")).metadata()).format, "webp");
  const wrong = await place.deblur([place.file("a.png"), "-o", place.file("b.mp4")]);
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /^[^\n]*b\.mp4: No picture format has this extension\. Use \.png, \.jpg, \.webp, \.avif or \.tif\n$/,
  );
});

Deno.test("deblur: a folder of numbered pictures is one sequence, whose pictures keep their names and formats", async () => {
  await using place = await workplace();
  await mkdir(place.file("shots"));
  for (const n of [8, 9, 10]) await stripes(20, 14, 3).png().toFile(place.file(`shots/f${n}.png`));
  await stripes(20, 14, 3, 16).tiff({ compression: "deflate" }).toFile(place.file("shots/f11.tif"));
  const { code, stdout } = await place.deblur([place.file("shots"), "--json"]);
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.frames, report.output], [4, place.file("shots.deblurred")]);
  assert.deepEqual((await readdir(report.output)).sort(), ["f10.png", "f11.tif", "f8.png", "f9.png"]);
  assert.equal((await sharp(place.file("shots.deblurred/f11.tif")).metadata()).depth, "ushort");
});

Deno.test("deblur --branches: a picture with opacity becomes four, opaque", async () => {
  await using place = await workplace();
  await stripes(20, 14, 4).png().toFile(place.file("a.png"));
  const { code } = await place.deblur([place.file("a.png"), "--branches", "-o", place.file("b.png")]);
  assert.equal(code, 0);
  const { width, height } = await sharp(place.file("b.png")).metadata();
  assert.deepEqual([width, height], [80, 14]);
  const { channels } = await sharp(place.file("b.png")).stats();
  assert.equal(channels[3]?.min ?? 255, 255);
});

const DAMAGED: readonly (readonly [name: string, make: (path: string) => Promise<void>, line: RegExp])[] = [
  [
    "cut.png",
    async (path) => {
      const whole = await stripes(64, 64, 3).png({ compressionLevel: 0 }).toBuffer();
      await writeFile(path, whole.subarray(0, whole.length / 2));
    },
    /cut\.png: The picture is damaged/,
  ],
  [
    "cut.jpg",
    async (path) => {
      const whole = await stripes(64, 64, 3).jpeg().toBuffer();
      await writeFile(path, whole.subarray(0, 30));
    },
    /cut\.jpg: /,
  ],
  ["empty.png", (path) => writeFile(path, ""), /empty\.png: The file is empty/],
];

Deno.test("deblur: a damaged picture is one line and writes nothing", async (t) => {
  await using place = await workplace();
  for (const [name, make, line] of DAMAGED) {
    await t.step(name, async () => {
      await make(place.file(name));
      const before = await readdir(place.path);
      const { code, stdout, stderr } = await place.deblur([place.file(name)]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, line);
      assert.match(stderr, /^[^\n]+\n$/, "exactly one line");
      assert.deepEqual(await readdir(place.path), before);
    });
  }
});

Deno.test("deblur: a sequence with a damaged picture in it leaves no folder", async () => {
  await using place = await workplace();
  await mkdir(place.file("shots"));
  for (const n of [1, 2, 3]) {
    await stripes(64, 64, 3).png({ compressionLevel: 0 }).toFile(place.file(`shots/${n}.png`));
  }
  const bytes = await readFile(place.file("shots/3.png"));
  await writeFile(place.file("shots/3.png"), bytes.subarray(0, bytes.length / 2));
  const { code, stderr } = await place.deblur([place.file("shots")]);
  assert.equal(code, 1);
  assert.match(stderr, /^[^\n]*3\.png: The picture is damaged[^\n]*\n$/);
  assert.deepEqual((await readdir(dirname(place.file("x")))).sort(), ["shots", "smoke.safetensors"]);
});

Deno.test("deblur: JPEGs as some cameras write them are restored whole; of CMYK it is said what becomes of it", async () => {
  await using place = await workplace();
  for (const quirk of ["extraneous", "dnl", "noEnd", "cmyk"] as const) {
    await writeFile(place.file("in.jpg"), await cameraJpeg({ [quirk]: true }));
    const { code, stderr } = await place.deblur([place.file("in.jpg"), "--overwrite"]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr.includes("CMYK becomes RGB"), quirk === "cmyk", stderr);
    const { width, height, space, exif } = await sharp(place.file("in.deblurred.jpg")).metadata();
    assert.deepEqual([width, height, space], [FRAME.width, FRAME.height, "srgb"], quirk);
    assert.match(`${exif}`, /A camera/, quirk);
  }
});

Deno.test("deblur: a truncated JPEG is told before the work, and --keep-partial keeps what there is of it", async () => {
  await using place = await workplace();
  const path = place.file("cut.jpg");
  const whole = await cameraJpeg({ progressive: true });
  await writeFile(path, whole.subarray(0, -whole.length / 4));
  const plan = await place.deblur([path, "--dry-run"]);
  assert.match(plan.stdout, /damage: The file is truncated/);
  const refused = await place.deblur([path]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^[^\n]*cut\.jpg: The file is truncated\. Add --keep-partial [^\n]*\n$/);
  assert.deepEqual((await readdir(place.path)).sort(), ["cut.jpg", "smoke.safetensors"]);
  const kept = await place.deblur([path, "--keep-partial"]);
  assert.equal(kept.code, 1, kept.stderr);
  assert.match(kept.stderr, /cut\.jpg: The file is truncated/);
  const { width, height } = await sharp(place.file("cut.deblurred.partial.jpg")).metadata();
  assert.deepEqual([width, height], [FRAME.width, FRAME.height]);
});

Deno.test("deblur: of a JPEG whose damage only its decoder finds, the way to keep it is told too", async () => {
  await using place = await workplace();
  const bytes = await cameraJpeg({});
  const half = Math.floor((jpegParts(bytes).scan + bytes.length) / 2);
  bytes.set([0xff, 0xd9], half);
  await writeFile(place.file("faulty.jpg"), bytes);
  const { code, stderr } = await place.deblur([place.file("faulty.jpg")]);
  assert.equal(code, 1);
  assert.match(stderr, /^[^\n]*faulty\.jpg: The picture is damaged: [^\n]*\. Add --keep-partial [^\n]*\n$/);
});

Deno.test("deblur: AVIF stays AVIF; of formats that are only read a PNG is made; HEIC is refused by name", async () => {
  await using place = await workplace();
  await stripes(64, 48, 4).avif({ lossless: true }).toFile(place.file("a.avif"));
  const ppm = Buffer.concat([Buffer.from("P6\n64 48\n255\n"), await stripes(64, 48, 3).raw().toBuffer()]);
  await writeFile(place.file("b.ppm"), ppm);
  const brands = "\0\0\0\x18ftypheic\0\0\0\0mif1heic";
  await writeFile(place.file("c.heic"), Buffer.from(brands, "latin1"));
  const inputs = ["a.avif", "b.ppm", "c.heic"].map(place.file);
  const { code, stderr } = await place.deblur(inputs);
  assert.equal(code, 1);
  assert.match(stderr, /c\.heic: HEIC pictures cannot be read\. Convert it first, to PNG, JPEG/);
  const made = await Promise.all(
    ["a.deblurred.avif", "b.deblurred.png"].map((name) => sharp(place.file(name)).metadata()),
  );
  assert.deepEqual(
    made.map((
      { format, compression, width, height, channels },
    ) => [format, compression, width, height, channels]),
    [
      ["heif", "av1", 64, 48, 4],
      ["png", undefined, 64, 48, 3],
    ],
  );
});
