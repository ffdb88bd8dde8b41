import assert from "node:assert/strict";
import { CodecParameters, FormatContext, type Stream } from "node-av/lib";
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_PKT_DATA_DISPLAYMATRIX,
  type AVDisposition,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { Buffer } from "node:buffer";
import {
  beginningOf,
  describeStream,
  displayRotation,
  videoStream,
} from "../../../src/stream/ffmpeg/video_stream.ts";

/** A container with a video stream for each width and disposition, and one of sound. */
function containerWith(...videos: readonly (readonly [width: number, disposition?: AVDisposition])[]) {
  const container = new FormatContext();
  container.allocOutputContext2(null, "matroska", "out.mkv");
  const sound = container.newStream(null).codecpar;
  [sound.codecType, sound.codecId, sound.sampleRate] = [AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC, 48_000];
  for (const [width, disposition] of videos) {
    const stream = container.newStream(null);
    [stream.codecpar.codecType, stream.codecpar.codecId] = [AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264];
    [stream.codecpar.width, stream.codecpar.height] = [width, 10];
    if (disposition !== undefined) stream.disposition = disposition;
  }
  return { container, [Symbol.dispose]: () => container.freeContext() };
}

Deno.test("videoStream: the largest of those marked as default, of all where none is; covers do not count", () => {
  const cases = [
    [[[10], [30], [20]], 30],
    [[[10, AV_DISPOSITION_DEFAULT], [30], [20, AV_DISPOSITION_DEFAULT]], 20],
    [[[40, AV_DISPOSITION_ATTACHED_PIC], [10]], 10],
  ] as const;
  for (const [videos, width] of cases) {
    using made = containerWith(...videos);
    assert.equal(videoStream(made.container, "a.mkv").codecpar.width, width);
  }
  using none = containerWith([40, AV_DISPOSITION_ATTACHED_PIC]);
  assert.throws(
    () => videoStream(none.container, "a.mkv"),
    /a\.mkv: There is no video stream in this file: it holds audio aac 48000 Hz, video h264 40x10\. Use a video/,
  );
});

Deno.test("describeStream, beginningOf: what kind, codec and size; 0 where a file does not say when it begins", () => {
  using made = containerWith([64]);
  assert.deepEqual(made.container.streams.map(describeStream), ["audio aac 48000 Hz", "video h264 64x10"]);
  assert.equal(beginningOf(made.container), 0);
});

Deno.test("displayRotation: quarter turns of the display matrix, clockwise", () => {
  using made = containerWith([64]);
  const stream: Stream = made.container.streams[1] ?? assert.fail();
  assert.equal(displayRotation(stream), 0);
  for (const degrees of [0, 90, 180, 270]) {
    const [cos, sin] = [Math.cos, Math.sin].map((f) => Math.round(f(degrees * Math.PI / 180)) * 65536);
    const matrix = Int32Array.of(cos ?? 0, sin ?? 0, 0, -(sin ?? 0), cos ?? 0, 0, 0, 0, 1 << 30);
    const parameters: CodecParameters = stream.codecpar;
    parameters.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, Buffer.from(matrix.buffer));
    assert.equal(displayRotation(stream), degrees);
  }
});
