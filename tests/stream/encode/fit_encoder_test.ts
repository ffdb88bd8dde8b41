import assert from "node:assert/strict";
import { fitEncoder, leastEncoderBytes } from "../../../src/stream/encode/fit_encoder.ts";
import { VIDEO_CODECS } from "../../../src/stream/video_codecs.ts";

const MEGAPIXEL = 1e6;

Deno.test("fitEncoder: with plenty the preset stays; with less, threads go first, then the look-ahead", () => {
  assert.deepEqual(fitEncoder("h264", MEGAPIXEL, 1, 1e9, 8), { threads: 0 });
  assert.deepEqual(fitEncoder("h264", MEGAPIXEL, 1, 220e6, 8), { threads: 3 });
  assert.deepEqual(fitEncoder("h264", MEGAPIXEL, 1, 100e6, 8), { threads: 1, lookahead: 14 });
  assert.deepEqual(fitEncoder("h264", MEGAPIXEL, 2, 100e6, 8), { threads: 1, lookahead: 0 });
});

Deno.test("fitEncoder: the least that a codec is said to take is what it is fitted to", () => {
  for (const codec of VIDEO_CODECS) {
    const { threads, lookahead = 0 } = fitEncoder(
      codec,
      MEGAPIXEL,
      1,
      leastEncoderBytes(codec, 1) * MEGAPIXEL,
      8,
    );
    assert.ok(threads <= 1, codec);
    assert.ok(lookahead <= 5, codec);
  }
});
