import assert from "node:assert/strict";
import { ShowinfoParser } from "../../../src/stream/process/showinfo_parser.ts";

const HEAD = [
  "  Duration: 00:01:02.50, start: 1.480000, bitrate: 1 kb/s",
  "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 320x240 [SAR 4:3 DAR 16:9], 29.97 fps, 30 tbr",
  "  Stream #0:1[0x2](und): Audio: aac (LC), 48000 Hz, mono, fltp, 69 kb/s",
  "Output #0, rawvideo, to 'pipe:1':",
  "  Stream #0:0: Video: rawvideo (RGB[24] / 0x18424752), rgb24, 320x240, 25 fps",
];

const FRAMES = [
  "[Parsed_showinfo_0 @ 0x1] n:   0 pts:   1001 pts_time:0.03 duration:   1001 duration_time:0.03 fmt:yuv420p cl:left sar:4/3 s:320x240 i:P",
  "[Parsed_showinfo_0 @ 0x1] color_range:tv color_space:bt709 color_primaries:bt709 color_trc:smpte2084",
  "[Parsed_showinfo_0 @ 0x1] n:   1 pts:   2002 pts_time:0.07 fmt:yuv420p sar:1/1 s:640x480 i:P",
];

function shown(rate: string): ShowinfoParser {
  const info = new ShowinfoParser();
  const base = `[Parsed_showinfo_0 @ 0x1] config in time_base: 1/30000, frame_rate: ${rate}`;
  for (const line of [...HEAD, base, ...FRAMES]) info.read(line);
  info.end();
  return info;
}

Deno.test("ShowinfoParser: reads what is known of a video from ffmpeg's words, times of frames, and the end", async () => {
  const info = shown("30000/1001");
  const { frameRate, ...rest } = info.video("a.mp4");
  assert.equal(frameRate, 30000 / 1001, "the exact rate, which the rounded average agrees with");
  assert.deepEqual(rest, {
    width: 320,
    height: 240,
    timeBase: { num: 1, den: 30000 },
    seconds: 62.5,
    beginning: 1.48,
    codec: "h264",
    streams: ["video h264", "audio aac"],
    pixelFormat: "yuv420p",
    matrix: "bt709",
    transfer: "smpte2084",
    sampleAspect: "4/3",
  });
  assert.deepEqual(await info.next(), { pts: 1001n, duration: 1001n });
  assert.deepEqual(await info.next(), { pts: 2002n, duration: 0n });
  assert.equal(await info.next(), undefined);
});

Deno.test("ShowinfoParser: where the rate varies the average is told; without a frame there is nothing to tell", () => {
  assert.equal(shown("60/1").video("a.mp4").frameRate, 29.97);
  assert.throws(() => new ShowinfoParser().video("a.mp4"), /a\.mp4: ffmpeg found no frame in it/);
});
