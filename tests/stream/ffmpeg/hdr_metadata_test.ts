import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { Dictionary, FFmpegError, FormatContext, Packet } from "node-av/lib";
import {
  AV_PIX_FMT_YUV420P10LE,
  AV_PKT_DATA_DOVI_CONF,
  AVCOL_PRI_BT2020,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_TRC_SMPTE2084,
  AVERROR_EOF,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const HDR: ClipOptions = {
  ...{ width: 64, height: 64, pts: [0, 1, 2], encoder: FF_ENCODER_LIBX265 },
  pixelFormat: AV_PIX_FMT_YUV420P10LE,
  ...{ primaries: AVCOL_PRI_BT2020, transfer: AVCOL_TRC_SMPTE2084, matrix: AVCOL_SPC_BT2020_NCL },
};

/** The bits of fields of so many bits each, filled up to whole bytes. */
function packed(fields: readonly (readonly [value: number, bits: number])[]): number[] {
  const bits = fields.map(([value, length]) => value.toString(2).padStart(length, "0")).join("");
  const whole = bits.padEnd(8 * Math.ceil(bits.length / 8), "0");
  return Array.from({ length: whole.length / 8 }, (_, i) => parseInt(whole.slice(8 * i, 8 * i + 8), 2));
}

/** An SEI of HEVC with HDR10+ (SMPTE ST 2094-40): one window, without a curve. */
function hdr10Plus(): Uint8Array {
  const levels = packed([
    ...[[1, 2], [1000, 27], [0, 1]] as const,
    ...[[50_000, 17], [40_000, 17], [30_000, 17], [20_000, 17]] as const,
    ...[[0, 4], [10, 10], [0, 1], [0, 1], [0, 1]] as const,
  ]);
  const payload = [0xb5, 0x00, 0x3c, 0x00, 0x01, 4, 1, ...levels];
  const message = [4, payload.length, ...payload, 0x80];
  // No three bytes in a row may look like the beginning of the next unit.
  const escaped: number[] = [];
  for (const byte of message) {
    if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
    escaped.push(byte);
  }
  return Uint8Array.from([0, 0, 0, 1, 39 << 1, 1, ...escaped]);
}

/** Puts bytes before every picture of a raw HEVC stream. */
function beforePictures(stream: Buffer, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at + 3 < stream.length; at++) {
    const isStart = stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1;
    const type = (stream[at + 3] ?? 0) >> 1 & 63;
    if (!isStart || type >= 32) continue;
    parts.push(stream.subarray(from, at), bytes);
    from = at;
  }
  return Buffer.concat([...parts, stream.subarray(from)]);
}

function must(code: number): void {
  if (code < 0) throw new FFmpegError(code);
}

/** Copies a video into a file that says that it is Dolby Vision of profile 8, compatible with HDR10. */
async function markAsDolbyVision(from: string, to: string): Promise<void> {
  const input = await openContainer(from);
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, `file:${to}`));
  const [source] = input.streams;
  const copy = output.newStream(null);
  assert.ok(source);
  source.codecpar.copy(copy.codecpar);
  copy.codecpar.codecTag = "hvc1";
  copy.codecpar.addCodedSideData(AV_PKT_DATA_DOVI_CONF, Buffer.from([1, 0, 8, 1, 1, 0, 1, 1, 0]));
  copy.timeBase = source.timeBase;
  must(await output.openOutput());
  must(await output.writeHeader(Dictionary.fromObject({ strict: "-2" })));
  using packet = new Packet();
  packet.alloc();
  for (;;) {
    const read = await input.readFrame(packet);
    if (read === AVERROR_EOF) break;
    must(read);
    packet.rescaleTs(source.timeBase, copy.timeBase);
    must(await output.interleavedWriteFrame(packet));
  }
  must(await output.writeTrailer());
  await output.closeOutput();
  output.freeContext();
  await input.closeInput();
}

async function dynamicOf(path: string): Promise<readonly string[] | undefined> {
  await using source = await openVideo(path);
  return source.info.hdr?.dynamic;
}

Deno.test("readHdrMetadata: HDR10+ in the frames is found, and said to be left out", async () => {
  await using folder = await temporaryFolder();
  const [plain, input, output] = [folder.file("plain.hevc"), folder.file("in.hevc"), folder.file("out.mp4")];
  await makeClip(plain, HDR);
  assert.equal(await dynamicOf(plain), undefined);
  await writeFile(input, beforePictures(await readFile(plain), hdr10Plus()));
  assert.deepEqual(await dynamicOf(input), ["HDR10+"]);
  const notes = await copyVideo(input, output);
  assert.match(notes.join("; "), /HDR10\+ metadata are left out: they cannot be written/);
  assert.deepEqual(await dynamicOf(output) ?? [], []);
});

Deno.test("readHdrMetadata: Dolby Vision that the container tells of is found, and said to be left out", async () => {
  await using folder = await temporaryFolder();
  const [plain, input, output] = [folder.file("plain.mp4"), folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(plain, HDR);
  await markAsDolbyVision(plain, input);
  assert.deepEqual(await dynamicOf(input), ["Dolby Vision"]);
  const notes = await copyVideo(input, output);
  assert.match(notes.join("; "), /Dolby Vision metadata are left out: they cannot be written/);
  assert.deepEqual(await dynamicOf(output) ?? [], []);
});
