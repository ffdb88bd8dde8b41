import assert from "node:assert/strict";
import fc from "fast-check";
import sharp from "sharp";
import { mendJpeg } from "../../../src/stream/pictures/mend_jpeg.ts";
import { cameraJpeg, jpegParts } from "../../helpers/camera_jpeg.ts";

/** The samples, if libjpeg finds nothing wrong. */
async function strictly(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await sharp(bytes, { failOn: "warning" }).raw().toBuffer());
}

Deno.test("mendJpeg: what cameras leave between segments, a height after the scan and a missing end change no sample", async () => {
  const whole = await cameraJpeg({});
  const samples = await strictly(whole);
  for (const quirk of ["extraneous", "dnl", "noEnd"] as const) {
    const bytes = await cameraJpeg({ [quirk]: true });
    await assert.rejects(strictly(bytes), /VipsJpeg/);
    const mended = mendJpeg(bytes.slice());
    assert.equal(mended.isCut, false);
    assert.deepEqual(await strictly(mended.bytes), samples, quirk);
  }
});

Deno.test("mendJpeg: a file as it should be is not touched, with whatever follows its picture", async () => {
  for (const progressive of [false, true]) {
    const whole = await cameraJpeg({ progressive });
    const followed = new Uint8Array([...whole, 1, 2, 3, 0xff, 0xd8]);
    for (const bytes of [whole, followed]) {
      const mended = mendJpeg(bytes.slice());
      assert.deepEqual([mended.isCut, mended.bytes], [false, bytes]);
    }
  }
});

Deno.test("mendJpeg: a cut file is told, wherever it was cut; a scan of which samples are missing the decoder tells", async () => {
  for (const progressive of [false, true]) {
    const whole = await cameraJpeg({ progressive });
    const scan = jpegParts(whole).scan;
    for (
      const length of [3, scan - 5, scan, scan + 20, Math.floor((scan + whole.length) / 2), whole.length - 40]
    ) {
      const { bytes, isCut } = mendJpeg(whole.slice(0, length));
      if (!isCut) await assert.rejects(strictly(bytes), /VipsJpeg/);
    }
  }
});

Deno.test("mendJpeg: no bytes make it fail", async () => {
  const whole = await cameraJpeg({ dnl: true });
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 }),
    fc.nat(whole.length),
    (changes, length) => {
      const bytes = whole.slice(0, length);
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      assert.ok(mendJpeg(bytes).bytes.length <= length + 2);
    },
  ));
});
