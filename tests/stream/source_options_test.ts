import assert from "node:assert/strict";
import { checkRange, checkSize, MAX_PIXELS, timeAt } from "../../src/stream/source_options.ts";

Deno.test("checkRange: seconds from 0, and a length above 0, are let pass; everything else is named", () => {
  for (const range of [{}, { start: 0 }, { start: 1.5, duration: 0.001 }, { duration: Infinity }]) {
    checkRange(range);
  }
  for (const start of [-1, NaN, Infinity]) {
    assert.throws(
      () => checkRange({ start }),
      new RangeError(`start must be a number of seconds from 0, not ${start}`),
    );
  }
  for (const duration of [0, -1, NaN]) {
    const message = `duration must be a number of seconds above 0, not ${duration}`;
    assert.throws(() => checkRange({ duration }), new RangeError(message));
  }
});

Deno.test("checkSize: no size, or more pixels than allowed, is refused", () => {
  checkSize("a.mp4", 16384, 16384, MAX_PIXELS);
  assert.throws(() => checkSize("a.mp4", 16384, 16385, MAX_PIXELS), /a\.mp4: .*too large: 16384x16385/);
  for (const [width, height] of [[0, 4], [4, 0]] as const) {
    assert.throws(() => checkSize("a.mp4", width, height, 100), /a\.mp4: Its video stream has no size/);
  }
});

Deno.test("timeAt: the first unit at or after a time, forgiving FFmpeg's rounding to a microsecond", () => {
  const thirtieths = { num: 1001, den: 30_000 };
  assert.equal(timeAt(0, thirtieths), 0n);
  assert.equal(timeAt(1001 / 30_000, thirtieths), 1n);
  assert.equal(timeAt(0.033367, thirtieths), 1n, "rounded up to whole microseconds");
  assert.equal(timeAt(0.0334, thirtieths), 2n);
});
