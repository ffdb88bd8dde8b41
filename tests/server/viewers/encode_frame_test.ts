import assert from "node:assert/strict";
import sharp from "sharp";
import { encodeFrame } from "../../../src/server/viewers/encode_frame.ts";
import { previewFrame } from "../../helpers/preview/preview_frame.ts";

Deno.test("encodeFrame writes every picture of a frame in the format asked for", async () => {
  const frame = previewFrame(90, { width: 5, height: 3 });
  for (const format of ["image/jpeg", "image/webp", "image/png"] as const) {
    const parts = await encodeFrame(frame, format);
    assert.deepEqual(parts.map(({ kind, format }) => [kind, format]), [["blurry", format], [
      "result",
      format,
    ]]);
    const { data, info } = await sharp(parts[0]?.bytes).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, `image/${(await sharp(parts[0]?.bytes).metadata()).format}`], [
      5,
      3,
      format,
    ]);
    for (const value of data) assert.ok(Math.abs(value - 90) <= 1);
  }
});

Deno.test("encodeFrame rotates clockwise", async () => {
  const data = Uint8Array.from({ length: 3 * 2 * 1 }, (_, i) => i < 3 ? 0 : 255);
  const picture = { data, width: 2, height: 1 };
  const frame = previewFrame(0, { pictures: [{ kind: "result", picture }], rotation: 90 });
  const [part] = await encodeFrame(frame, "image/png");
  const { data: seen, info } = await sharp(part?.bytes).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, seen[0], seen.at(-1)], [1, 2, 0, 255]);
});

Deno.test("encodeFrame brings 16 bits down to 8 without changing brightness", async () => {
  const bytes = Uint8Array.from({ length: 105 }, (_, i) => (i * 37) % 256);
  const picture = { width: 7, height: 5, data: Uint16Array.from(bytes, (value) => value * 257) };
  const frame = previewFrame(0, { pictures: [{ kind: "result", picture }] });
  const [part] = await encodeFrame(frame, "image/png");
  const { data: seen } = await sharp(part?.bytes).toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({
    resolveWithObject: true,
  });
  assert.deepEqual([...seen], [...bytes]);
});
