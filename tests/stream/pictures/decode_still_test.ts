import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { avGetPixFmtName, Codec, CodecContext, Packet, Rational } from "node-av/lib";
import {
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_GRAY16BE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48BE,
  AV_PIX_FMT_RGBA,
  type AVPixelFormat,
  FF_ENCODER_BMP,
  FF_ENCODER_JPEG2000,
  FF_ENCODER_PAM,
  FF_ENCODER_PGM,
  FF_ENCODER_PPM,
  type FFEncoderCodec,
} from "node-av/constants";
import { decodeStill, type StillFormat } from "../../../src/stream/pictures/decode_still.ts";
import { generatedFrames } from "../../helpers/generated_frames.ts";

const [WIDTH, HEIGHT] = [38, 22];
const SOURCE = `testsrc2=s=${WIDTH}x${HEIGHT}:d=0.04`;

/** A picture file made by FFmpeg, without loss. */
async function encoded(encoder: FFEncoderCodec, pixelFormat: AVPixelFormat): Promise<Uint8Array> {
  using context = new CodecContext();
  const codec = Codec.findEncoderByName(encoder);
  assert.ok(codec, encoder);
  context.allocContext3(codec);
  Object.assign(context, { width: WIDTH, height: HEIGHT, pixelFormat, timeBase: new Rational(1, 25) });
  if (encoder === FF_ENCODER_JPEG2000) context.setOption("pred", "dwt53");
  assert.ok(await context.open2(codec, null) >= 0);
  using packet = new Packet();
  packet.alloc();
  for await (using frame of generatedFrames(SOURCE, pixelFormat)) await context.sendFrame(frame);
  await context.sendFrame(null);
  assert.ok(await context.receivePacket(packet) >= 0 && packet.data);
  return new Uint8Array(packet.data);
}

/** The same picture in memory, in samples as they are expected: big-endian 16 bits as numbers. */
async function expected(pixelFormat: AVPixelFormat): Promise<number[]> {
  for await (using frame of generatedFrames(SOURCE, pixelFormat)) {
    const bytes = Buffer.concat(
      Array.from({ length: HEIGHT }, (_, y) => {
        const stride = frame.linesize[0] ?? 0;
        const row = rowBytes(pixelFormat);
        return Buffer.from(frame.data?.[0]?.subarray(y * stride, y * stride + row) ?? []);
      }),
    );
    if (!/be$/.test(avGetPixFmtName(pixelFormat) ?? "")) return [...bytes];
    return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
  }
  return [];
}

function rowBytes(format: AVPixelFormat): number {
  const bytes = new Map<AVPixelFormat, number>([
    [AV_PIX_FMT_GRAY8, 1],
    [AV_PIX_FMT_GRAY16BE, 2],
    [AV_PIX_FMT_RGBA, 4],
    [AV_PIX_FMT_RGB48BE, 6],
  ]);
  return WIDTH * (bytes.get(format) ?? 3);
}

const CASES: readonly (readonly [StillFormat, FFEncoderCodec, AVPixelFormat, AVPixelFormat, 1 | 3 | 4])[] = [
  ["bmp", FF_ENCODER_BMP, AV_PIX_FMT_BGR24, AV_PIX_FMT_RGB24, 3],
  ["ppm", FF_ENCODER_PPM, AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB24, 3],
  ["ppm", FF_ENCODER_PPM, AV_PIX_FMT_RGB48BE, AV_PIX_FMT_RGB48BE, 3],
  ["pgm", FF_ENCODER_PGM, AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY8, 1],
  ["pgm", FF_ENCODER_PGM, AV_PIX_FMT_GRAY16BE, AV_PIX_FMT_GRAY16BE, 1],
  ["pam", FF_ENCODER_PAM, AV_PIX_FMT_RGBA, AV_PIX_FMT_RGBA, 4],
  ["jpeg2000", FF_ENCODER_JPEG2000, AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB24, 3],
];

for (const [format, encoder, stored, shown, channels] of CASES) {
  Deno.test(`decodeStill: ${format} of ${avGetPixFmtName(stored)} gives every sample back`, async () => {
    const still = await decodeStill("a", await encoded(encoder, stored), format, 10 ** 6);
    assert.deepEqual([still.width, still.height, still.channels], [WIDTH, HEIGHT, channels]);
    assert.deepEqual([...still.samples], await expected(shown));
  });
}

Deno.test("decodeStill: a picture that is cut off, or too large, is one clear error", async () => {
  const bytes = await encoded(FF_ENCODER_BMP, AV_PIX_FMT_BGR24);
  const refused = {
    name: "MediaError",
    message: /^a\.bmp: Cannot read this picture: .*\. Use a complete one of at most /,
  };
  await assert.rejects(decodeStill("a.bmp", bytes.subarray(0, 500), "bmp", 10 ** 6), refused);
  await assert.rejects(decodeStill("a.bmp", bytes, "bmp", WIDTH * HEIGHT - 1), refused);
});
