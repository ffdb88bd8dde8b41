import fc from "fast-check";
import assert from "node:assert/strict";
import { decodeFrameMessage, encodeFrameMessage, type FrameMessage } from "../../static/frame_message.js";

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes));
const message: fc.Arbitrary<FrameMessage> = fc.record({
  sequence: uint32,
  index: uint32,
  seconds: fc.double({ noNaN: true }),
  width: uint32,
  height: uint32,
  region: fc.record({ x: uint32, y: uint32, width: uint32, height: uint32 }),
  serverMs: fc.float({ noNaN: true }),
  detail: fc.float({ noNaN: true }),
  isEstimated: fc.boolean(),
  stage: fc.constantFrom("restored", "saved", "blurry"),
  parts: fc.array(
    fc.record({
      kind: fc.constantFrom("blurry", "result", "up", "down"),
      format: fc.constantFrom("image/jpeg", "image/webp", "image/png"),
      bytes,
    }),
    { maxLength: 4 },
  ),
});

Deno.test("decodeFrameMessage gives back what encodeFrameMessage was given", () => {
  fc.assert(fc.property(message, (given) => {
    const read = decodeFrameMessage(encodeFrameMessage(given).buffer);
    const plain = {
      ...read,
      parts: read.parts.map((part) => ({ ...part, bytes: Uint8Array.from(part.bytes) })),
    };
    const expected = {
      ...given,
      region: { ...given.region },
      parts: given.parts.map((part) => ({ ...part })),
    };
    assert.deepEqual(plain, expected);
  }));
});

Deno.test("decodeFrameMessage refuses a message cut short anywhere", () => {
  const parts = [{ kind: "blurry", format: "image/jpeg", bytes: Uint8Array.of(1, 2, 3) }] as const;
  const region = { x: 0, y: 0, width: 1, height: 1 };
  const size = { width: 1, height: 1, region };
  const whole = encodeFrameMessage({
    ...size,
    sequence: 1,
    index: 1,
    seconds: 0,
    serverMs: 0,
    detail: 1,
    isEstimated: false,
    stage: "restored",
    parts,
  });
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeFrameMessage(whole.slice(0, length).buffer), TypeError, `${length} bytes`);
  }
});

Deno.test("decodeFrameMessage refuses another protocol", () => {
  assert.throws(() => decodeFrameMessage(new ArrayBuffer(200)), TypeError);
});
