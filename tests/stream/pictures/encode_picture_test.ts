import assert from "node:assert/strict";
import sharp from "sharp";
import { createOutput } from "../../../src/stream/create_output.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { copyMedia } from "../../helpers/copy_media.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { makePicture, PICTURE_HEIGHT, PICTURE_WIDTH, type PictureKind } from "../../helpers/make_picture.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const KINDS: readonly PictureKind[] = (["png", "tif", "jpg", "webp"] as const).flatMap((extension) =>
  ([8, 16] as const).flatMap((bits) =>
    ([1, 2, 3, 4] as const).map((channels) => ({ extension, bits, channels, tagged: channels > 2 }))
  )
).filter(({ extension, bits, channels }) =>
  !(bits === 16 && /jpg|webp/.test(extension)) && !(extension === "jpg" && channels % 2 === 0)
);

for (const kind of KINDS) {
  const name = `${kind.bits}-bit .${kind.extension} of ${kind.channels} channels`;
  Deno.test(`encodePicture: a ${name} comes out as it went in, profile and EXIF kept`, async () => {
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

Deno.test("encodePicture: several pictures side by side are wider than their source", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.png"), folder.file("out.png")];
  await makePicture(input, { extension: "png", bits: 8, channels: 3, tagged: true });
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info });
  const data = new Uint8Array(4 * PICTURE_WIDTH * PICTURE_HEIGHT * 3).fill(77);
  const writer = sink.frames.getWriter();
  await writer.write({ data, width: 4 * PICTURE_WIDTH, height: PICTURE_HEIGHT, pts: 0n, duration: 0n });
  await writer.close();
  const [frame] = await collectFrames(output);
  assert.deepEqual([frame?.width, frame?.data[0]], [4 * PICTURE_WIDTH, 77]);
});

Deno.test("encodePicture: a lossless WebP comes back lossless, a lossy one lossy", async () => {
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
  Deno.test(`encodePicture: a ${bits}-bit .png of ${channels} channels notes what a .${extension} cannot hold`, async () => {
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
