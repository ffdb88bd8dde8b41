import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { planSegments } from "../../../src/jobs/plan_segments.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import {
  createSegment,
  joinVideo,
  type SegmentedVideo,
  segmentEncoder,
} from "../../../src/stream/segments/segment_video.ts";
import { scanVideo } from "../../../src/stream/packets/scan_video.ts";
import type { VideoCodec } from "../../../src/stream/video_codecs.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Copies a video in segments of `length` frames. Returns where to. */
async function copyInSegments(
  input: string,
  output: string,
  length: number,
  codec: VideoCodec,
): Promise<string> {
  const scan = await scanVideo(input);
  assert.ok("times" in scan);
  const paths: string[] = [];
  await using whole = await openVideo(input);
  const common = { template: whole.info, copy: { path: input }, codec, path: output };
  const video: SegmentedVideo = { ...common, encoder: segmentEncoder(output, common) };
  for (const [k, { from, until }] of planSegments(scan, length).entries()) {
    await using source = await openVideo(input, { times: { from: BigInt(from), until: BigInt(until) } });
    const path = `${output}.${k}.segment`;
    await using sink = await createSegment(path, video);
    await source.frames.pipeTo(sink.frames);
    paths.push(path);
  }
  await joinVideo(output, video, paths);
  return output;
}

const clip = {
  pts: Array.from({ length: 31 }, (_, i) => i + Math.floor(i / 5)),
  audioSeconds: 1.2,
  sample: (plane: number, x: number, y: number, t: number) =>
    plane === 0 ? Math.round(60 + x / 2 + y / 3 + (3 * t) % 30) : 128,
};

for (
  const [codec, extension] of [
    ["h264", "mp4"],
    ["hevc", "mkv"],
    ["vp9", "webm"],
    ["av1", "mkv"],
    ["ffv1", "mkv"],
  ] as const
) {
  Deno.test(`joinVideo: segments of ${codec} in .${extension} give the same bytes twice, and every frame its time`, async () => {
    await using folder = await temporaryFolder();
    const input = folder.file("clip.mkv");
    await makeClip(input, { ...clip, width: 128, height: 96 });
    const once = await copyInSegments(input, folder.file(`once.${extension}`), 8, codec);
    const again = await copyInSegments(input, folder.file(`again.${extension}`), 8, codec);
    assert.ok((await readFile(once)).equals(await readFile(again)), "the bytes differ");
    const whole = folder.file(`whole.${extension}`);
    await copyVideo(input, whole, { codec });
    assertFramesEqual(await collectFrames(once), await collectFrames(whole), codec === "ffv1" ? 0 : 24);
    const [joined, direct] = [await probeClip(once), await probeClip(whole)];
    for (const [i, stream] of joined.streams.entries()) {
      assert.deepEqual(stream.times, direct.streams[i]?.times);
      if (stream.type === "audio") assert.deepEqual(stream.packets, direct.streams[i]?.packets);
    }
  });
}

Deno.test("joinVideo: segments of one frame, and a segment of another size or encoder is refused by name", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("clip.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  const output = await copyInSegments(input, folder.file("out.mp4"), 1, "h264");
  assert.equal((await collectFrames(output)).length, 3);
  await makeClip(folder.file("other.mp4"), { pts: [0, 1], width: 64 });
  await copyInSegments(folder.file("other.mp4"), folder.file("other-out.mp4"), 2, "h264");
  await using source = await openVideo(input);
  const video: SegmentedVideo = {
    ...{ template: source.info, copy: { path: input }, codec: "h264" },
    path: folder.file("mixed.mp4"),
    encoder: { threads: 4 },
  };
  const mixed = [folder.file("out.mp4.0.segment"), folder.file("other-out.mp4.0.segment")];
  await assert.rejects(joinVideo(folder.file("mixed.mp4"), video, mixed), {
    name: "MediaError",
    message: /other-out\.mp4\.0\.segment: It was encoded in another way than the rest/,
  });
});
