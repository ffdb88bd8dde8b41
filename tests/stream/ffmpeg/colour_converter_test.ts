import assert from "node:assert/strict";
import { avImageCopyToBuffer, Frame } from "node-av/lib";
import {
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  type AVPixelFormat,
} from "node-av/constants";
import { Buffer } from "node:buffer";
import { ColourConverter } from "../../../src/stream/ffmpeg/colour_converter.ts";

const [WIDTH, HEIGHT] = [32, 16];

function blank(format: AVPixelFormat, range = AVCOL_RANGE_JPEG): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = format;
  frame.width = WIDTH;
  frame.height = HEIGHT;
  frame.colorSpace = format === AV_PIX_FMT_RGB24 ? AVCOL_SPC_RGB : AVCOL_SPC_BT709;
  frame.colorRange = range;
  assert.equal(frame.getBuffer(0), 0);
  return frame;
}

function bytesOf(frame: Frame, format: AVPixelFormat, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  assert.ok(avImageCopyToBuffer(bytes, length, frame.data, frame.linesize, format, WIDTH, HEIGHT, 1) >= 0);
  return new Uint8Array(bytes);
}

for (const [name, range] of [["limited", AVCOL_RANGE_MPEG], ["full", AVCOL_RANGE_JPEG]] as const) {
  Deno.test(`ColourConverter: 4:2:0 of ${name} range to RGB and back keeps chroma without a bias`, async () => {
    const [yuv, rgb, again] = [
      blank(AV_PIX_FMT_YUV420P, range),
      blank(AV_PIX_FMT_RGB24),
      blank(AV_PIX_FMT_YUV420P, range),
    ];
    const planes = yuv.data ?? assert.fail();
    planes[0]?.fill(120);
    for (const plane of [1, 2]) {
      const samples = planes[plane] ?? assert.fail();
      for (let i = 0; i < samples.length; i++) samples[i] = 100 + (i * 7 + plane) % 50;
    }
    using toRgb = new ColourConverter("a.mp4", "toRgb");
    using fromRgb = new ColourConverter("a.mp4", "fromRgb");
    const length = WIDTH * HEIGHT * 3 / 2;
    const before = bytesOf(yuv, AV_PIX_FMT_YUV420P, length);
    await toRgb.convert(yuv, rgb);
    await fromRgb.convert(rgb, again);
    const after = bytesOf(again, AV_PIX_FMT_YUV420P, length);
    const differences = Array.from(after, (value, i) => value - (before[i] ?? 0)).slice(WIDTH * HEIGHT);
    assert.ok(Math.max(...differences.map(Math.abs)) <= 1);
    const bias = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
    assert.ok(Math.abs(bias) < 0.15, `${bias} levels: rounded down, it would be -0.5`);
    for (const frame of [yuv, rgb, again]) frame.free();
  });
}
