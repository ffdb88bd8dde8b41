import assert from "node:assert/strict";
import { avGetPixFmtFromName, Frame } from "node-av/lib";
import { addResidue, residueOf } from "../../../src/stream/ffmpeg/residue.ts";

/** A picture of which sample `i` of plane `p` is `value(p, i)`, with rows that are padded. */
function picture(
  format: string,
  width: number,
  height: number,
  value: (plane: number, i: number) => number,
): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = avGetPixFmtFromName(format);
  [frame.width, frame.height] = [width, height];
  frame.getBuffer(0);
  frame.data?.forEach((plane, p) => {
    const samples = new Uint16Array(plane.buffer, plane.byteOffset, plane.byteLength / 2);
    samples.forEach((_, i) => samples[i] = value(p, i));
  });
  return frame;
}

Deno.test("residueOf, addResidue: what one picture is more than another makes the other the one, at odd sizes too", () => {
  for (const format of ["yuv420p10le", "yuv422p12le", "yuv444p10le", "gray10le", "yuva420p10le"]) {
    using original = picture(format, 35, 13, (plane, i) => (37 * i + 11 * plane) % 1024);
    using converted = picture(format, 35, 13, (plane, i) => (37 * i + 11 * plane + i % 9) % 1024);
    const residue = residueOf(original, converted);
    assert.ok(residue.some((difference) => difference !== 0));
    addResidue(converted, residue);
    assert.deepEqual(new Set(residueOf(original, converted)), new Set([0]));
  }
});

Deno.test("addResidue: sums stay within what the bits hold, and the residue of another size is left out", () => {
  using frame = picture("gray10le", 4, 1, () => 1020);
  addResidue(frame, Int16Array.of(10, -2000, 3, 0));
  const samples = new Uint16Array(frame.data?.[0]?.buffer ?? new ArrayBuffer(8), 0, 4);
  assert.deepEqual([...samples], [1023, 0, 1023, 1020]);
  addResidue(frame, Int16Array.of(1, 1));
  assert.deepEqual([...samples], [1023, 0, 1023, 1020]);
});
