import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { MediaError } from "../../../src/errors.ts";
import { createOutput } from "../../../src/stream/create_output.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

interface PictureKind {
  readonly extension: "png" | "tif" | "jpg" | "webp";
  readonly bits: 8 | 16;
  readonly channels: 1 | 2 | 3 | 4;
  /** Colour profile, EXIF and orientation; sharp gives those to RGB only. */
  readonly tagged: boolean;
}

const [WIDTH, HEIGHT] = [37, 21];

/** Writes a picture of this kind with sharp directly. */
async function makePicture(path: string, { extension, bits, channels, tagged }: PictureKind): Promise<void> {
  const samples = bits === 16
    ? new Uint16Array(WIDTH * HEIGHT * channels)
    : new Uint8Array(WIDTH * HEIGHT * channels);
  // Opaque enough for WebP, which forgets the colour of what cannot be seen.
  for (let i = 0; i < samples.length; i++) samples[i] = 1 + (i * 977 + 13) % (2 ** bits - 1);
  const space = `${channels < 3 ? (bits === 16 ? "grey16" : "b-w") : bits === 16 ? "rgb16" : "srgb"}`;
  let picture = sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels } }).toColourspace(space);
  if (tagged) {
    picture = picture.withExif({ IFD0: { Artist: "A. Painter" } }).withMetadata({ orientation: 6 })
      .withIccProfile("p3");
  }
  const formats = {
    png: () => picture.png(),
    tif: () => picture.tiff({ compression: "lzw" }),
    jpg: () => picture.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }),
    webp: () => picture.webp({ lossless: true }),
  };
  await formats[extension]().toFile(path);
}

/** A grey picture as the bytes of a PNG. */
async function shadedPng(width: number, height: number, shade: number): Promise<Uint8Array> {
  const background = { r: shade, g: shade, b: shade };
  return await sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();
}

async function copyMedia(input: string, output: string): Promise<void> {
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info, lossless: true });
  await source.frames.pipeTo(sink.frames);
}

const KINDS: readonly PictureKind[] = (["png", "tif", "jpg", "webp"] as const).flatMap((extension) =>
  ([8, 16] as const).flatMap((bits) =>
    ([1, 2, 3, 4] as const).map((channels) => ({ extension, bits, channels, tagged: channels > 2 }))
  )
).filter(({ extension, bits, channels }) =>
  !(bits === 16 && /jpg|webp/.test(extension)) && !(extension === "jpg" && channels % 2 === 0)
);

for (const kind of KINDS) {
  const name = `${kind.bits}-bit .${kind.extension} of ${kind.channels} channels`;
  Deno.test(`createOutput: a ${name} comes out as it went in, profile and EXIF kept`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file(`in.${kind.extension}`), folder.file(`out.${kind.extension}`)];
    await makePicture(input, kind);
    await copyMedia(input, output);
    const [before, after] = [await sharp(input).metadata(), await sharp(output).metadata()];
    for (const key of ["format", "width", "height", "space", "channels", "depth"] as const) {
      assert.equal(after[key], before[key], key);
    }
    assert.equal(after.orientation ?? 1, before.orientation ?? 1);
    assert.deepEqual(after.icc, before.icc);
    assert.deepEqual(after.exif, before.exif);
    if (kind.tagged) assert.ok((before.icc?.length ?? 0) > 100 && before.orientation === 6);
    const [[was], [is]] = [await collectFrames(input), await collectFrames(output)];
    assert.ok(was && is);
    assert.equal(was.data instanceof Uint16Array, kind.bits === 16);
    assert.deepEqual(is.alpha, was.alpha);
    assert.equal(was.alpha !== undefined, (before.channels ?? 0) % 2 === 0);
    // JPEG loses by its nature; the others must not.
    const most = kind.extension === "jpg" ? 24 : 0;
    assert.ok(is.data.every((value, i) => Math.abs(value - (was.data[i] ?? -1e6)) <= most));
  });
}

Deno.test("openMedia: a picture says its size, as stored, and how it is turned", async () => {
  await using folder = await temporaryFolder();
  await makePicture(folder.file("a.png"), { extension: "png", bits: 16, channels: 4, tagged: true });
  await using source = await openMedia(folder.file("a.png"));
  const { kind, width, height, rotation, frames, streams } = source.info;
  assert.deepEqual([kind, width, height, rotation, frames], ["picture", WIDTH, HEIGHT, 90, 1]);
  assert.deepEqual(streams, ["picture 37x21 16-bit RGB and opacity"]);
});

Deno.test("createOutput: a folder of pictures comes out as a folder, in the order of its numbers", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in"), folder.file("out")];
  await mkdir(input);
  for (const number of [10, 9, 100, 1]) {
    await writeFile(`${input}/f${number}.png`, await shadedPng(number, 3, number));
  }
  await writeFile(`${input}/notes.txt`, "not a picture");
  const frames = await collectFrames(input);
  assert.deepEqual(frames.map(({ width, pts }) => [width, pts]), [[1, 0n], [9, 1n], [10, 2n], [100, 3n]]);
  assert.deepEqual((await collectFrames(input, { start: 0.04, duration: 0.08 })).map(({ pts }) => pts), [
    1n,
    2n,
  ]);
  await copyMedia(input, output);
  assert.deepEqual((await readdir(output)).sort(), ["f1.png", "f10.png", "f100.png", "f9.png"]);
  assert.deepEqual((await collectFrames(output)).map(({ data }) => data), frames.map(({ data }) => data));
  assert.deepEqual((await readdir(folder.path)).sort(), ["in", "out"]);
  await assert.rejects(copyMedia(input, output), /output exists/);
  await assert.rejects(copyMedia(input, input), /output is the input/);
});

Deno.test("createOutput: replacing a folder leaves what else is in it", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in"), folder.file("out")];
  for (const path of [input, output]) await mkdir(path);
  await makePicture(`${input}/1.png`, { extension: "png", bits: 8, channels: 3, tagged: false });
  await writeFile(`${output}/diary.txt`, "mine");
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info, overwrite: true });
  await source.frames.pipeTo(sink.frames);
  assert.deepEqual((await readdir(output)).sort(), ["1.png", "diary.txt"]);
});

Deno.test("createOutput: several pictures side by side are wider than their source", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.png"), folder.file("out.png")];
  await makePicture(input, { extension: "png", bits: 8, channels: 3, tagged: true });
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info });
  const data = new Uint8Array(4 * WIDTH * HEIGHT * 3).fill(77);
  const writer = sink.frames.getWriter();
  await writer.write({ data, width: 4 * WIDTH, height: HEIGHT, pts: 0n, duration: 0n });
  await writer.close();
  const [frame] = await collectFrames(output);
  assert.deepEqual([frame?.width, frame?.data[0]], [4 * WIDTH, 77]);
});

Deno.test("openMedia: damaged, huge and many-paged pictures are refused in one line", async () => {
  await using folder = await temporaryFolder();
  const [whole, cut, pages] = [folder.file("a.png"), folder.file("cut.png"), folder.file("pages.webp")];
  await makePicture(whole, { extension: "png", bits: 8, channels: 3, tagged: false });
  const bytes = await Deno.readFile(whole);
  await writeFile(cut, bytes.subarray(0, bytes.length / 2));
  await assert.rejects(
    collectFrames(cut),
    (error) => error instanceof MediaError && /damaged/.test(error.message),
  );
  await assert.rejects(
    collectFrames(whole, { maxPixels: 100 }),
    (error) =>
      error instanceof MediaError && /at most 100 pixels/.test(error.message) &&
      !error.message.includes("\n"),
  );
  const two = await Promise.all([10, 200].map((shade) => shadedPng(8, 8, shade)));
  await sharp(two, { join: { animated: true } }).webp().toFile(pages);
  await assert.rejects(openMedia(pages), /It holds 2 pictures; wanted one/);
});

Deno.test("createOutput: a picture that is given up leaves nothing", async () => {
  await using folder = await temporaryFolder();
  await makePicture(folder.file("in.png"), { extension: "png", bits: 8, channels: 3, tagged: false });
  {
    await using source = await openMedia(folder.file("in.png"));
    await using sink = await createOutput(folder.file("out.png"), { source: source.info });
    const writer = sink.frames.getWriter();
    const { value } = await source.frames.getReader().read();
    if (value) await writer.write(value);
    await writer.abort(new Error("enough"));
  }
  assert.deepEqual(await readdir(folder.path), ["in.png"]);
});

Deno.test("a lossless WebP comes back lossless, a lossy one lossy", async () => {
  await using folder = await temporaryFolder();
  const noise = crypto.getRandomValues(new Uint8Array(40 * 30 * 4));
  for (const lossless of [true, false]) {
    const [input, output] = [folder.file(`${lossless}.webp`), folder.file(`${lossless}.out.webp`)];
    await sharp(noise, { raw: { width: 40, height: 30, channels: 4 } }).webp({ lossless }).toFile(input);
    await using source = await openMedia(input);
    await using sink = await createOutput(output, { source: source.info });
    await source.frames.pipeTo(sink.frames);
    const pixels = async (path: string) => await sharp(path).removeAlpha().raw().toBuffer();
    assert.equal((await pixels(output)).equals(await pixels(input)), lossless);
  }
});

for (
  const [extension, bits, channels, wanted] of [
    ["jpg", 8, 4, [/Opacity is lost: JPEG/]],
    ["jpg", 16, 2, [/Opacity is lost: JPEG/, /16 bits a sample become 8: JPEG/]],
    ["webp", 16, 4, [/16 bits a sample become 8: WebP/]],
    ["tif", 16, 4, []],
    ["png", 16, 3, []],
    ["webp", 8, 4, []],
  ] as const
) {
  Deno.test(`createOutput: a ${bits}-bit .png of ${channels} channels notes what a .${extension} cannot hold`, async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file("in.png"), folder.file(`out.${extension}`)];
    await makePicture(input, { extension: "png", bits, channels, tagged: false });
    await using source = await openMedia(input);
    await using sink = await createOutput(output, { source: source.info });
    await source.frames.pipeTo(sink.frames);
    const notes = sink.notes ?? [];
    assert.equal(notes.length, wanted.length, notes.join());
    for (const [i, line] of wanted.entries()) assert.match(notes[i] ?? "", line);
    const [is] = await collectFrames(output);
    assert.equal(is?.alpha !== undefined, channels !== 3 && extension !== "jpg", "the note is right");
    assert.equal(is?.data instanceof Uint16Array, bits === 16 && /tif|png/.test(extension));
  });
}
