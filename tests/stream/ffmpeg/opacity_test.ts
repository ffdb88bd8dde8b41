import assert from "node:assert/strict";
import { avGetPixFmtFromName, Frame as AvFrame, SoftwareScaleContext } from "node-av/lib";
import { AV_PIX_FMT_YUVA444P } from "node-av/constants";
import { hasOpacity, readOpacity, writeOpacity } from "../../../src/stream/ffmpeg/opacity.ts";

const [WIDTH, HEIGHT] = [37, 5];
const WITH = [
  ...["yuva420p", "yuva422p", "yuva444p", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8"],
  ...[
    "yuva420p10le",
    "yuva444p12le",
    "yuva444p16be",
    "gbrap10le",
    "gbrap16le",
    "rgba64le",
    "rgba64be",
    "ya16be",
    "ayuv64le",
  ],
];

function frameOf(name: string): AvFrame {
  const frame = new AvFrame();
  frame.alloc();
  frame.format = avGetPixFmtFromName(name);
  [frame.width, frame.height] = [WIDTH, HEIGHT];
  assert.ok(frame.getBuffer(0) >= 0, name);
  for (const plane of frame.data ?? []) plane?.fill(0);
  return frame;
}

Deno.test("writeOpacity, readOpacity: where FFmpeg looks for it, and every value comes back, in 8 and in 16 bits", async () => {
  const opacity = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 7 * i);
  for (const name of WITH) {
    using frame = frameOf(name);
    assert.equal(hasOpacity(avGetPixFmtFromName(name)), true, name);
    writeOpacity(frame, opacity);
    assert.deepEqual(readOpacity(frame, 8), opacity, name);
    const seen = await seenByFFmpeg(frame); // which adds 1 to the upper half when it unpacks opacity
    const errors = opacity.map((value, i) => Math.abs(value - (seen[i] ?? 0)));
    assert.ok(Math.max(...errors) <= 1, `${name}: FFmpeg sees ${seen}`);
    const deep = readOpacity(frame, 16);
    assert.ok(
      deep instanceof Uint16Array &&
        [0, 65535].every((end, i) => deep[[0, opacity.indexOf(255)][i] ?? 0] === end),
    );
    writeOpacity(frame, deep);
    assert.deepEqual(readOpacity(frame, 16), deep, `${name}, 16 bits`);
  }
});

Deno.test("hasOpacity: not what has no opacity, or none that is stored beside each pixel", () => {
  for (
    const name of ["yuv420p", "gbrp", "rgb24", "rgb0", "gray", "nv12", "yuv444p10le", "yuyv422", "p010le"]
  ) {
    assert.equal(hasOpacity(avGetPixFmtFromName(name)), false, name);
    using frame = frameOf(name);
    assert.equal(readOpacity(frame, 8), undefined);
  }
});

/** The opacity after FFmpeg's own conversion. */
async function seenByFFmpeg(frame: AvFrame): Promise<Uint8Array> {
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  assert.ok(scaler.setOption("sws_dither", "none") >= 0);
  assert.ok(scaler.setOption("sws_flags", "accurate_rnd+neighbor") >= 0);
  using seen = frameOf("yuva444p");
  assert.equal(seen.format, AV_PIX_FMT_YUVA444P);
  assert.ok(await scaler.scaleFrame(seen, frame) >= 0);
  const [plane, stride] = [seen.data?.[3], seen.linesize[3] ?? 0];
  assert.ok(plane);
  return Uint8Array.from(
    { length: WIDTH * HEIGHT },
    (_, i) => plane[Math.floor(i / WIDTH) * stride + i % WIDTH] ?? 0,
  );
}
