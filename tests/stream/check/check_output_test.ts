import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { checkOutput } from "../../../src/stream/check/check_output.ts";
import { createVideo } from "../../../src/stream/encode/create_video.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { copyVideo, likeSource } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const VIDEO = { codec: "h264", frames: 10, first: 0, last: 0.36 };

Deno.test("checkOutput: decoding finds damage that the packets do not show", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { audioSeconds: 0.4 });
  assert.deepEqual(await checkOutput({ path, video: VIDEO, verify: "decode" }), { wrong: [], lost: [] });
  const bytes = await readFile(path);
  const samples = bytes.indexOf("mdat") + 4;
  bytes.fill(0xff, samples + 600, samples + 900);
  await writeFile(path, bytes);
  assert.deepEqual((await checkOutput({ path, video: VIDEO, verify: "streams" })).wrong, []);
  const { wrong } = await checkOutput({ path, video: VIDEO, verify: "decode" });
  assert.match(
    wrong.join("; "),
    /^Stream 0 \(video h264 48x32\): \d+ (?:packets cannot be|of its 10 frames can be) decoded$/,
  );
});

Deno.test("checkOutput: aborting it ends it with the reason, and off reads nothing", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path);
  const reason = new Error("enough");
  await assert.rejects(
    checkOutput({ path, video: VIDEO, verify: "streams", signal: AbortSignal.abort(reason) }),
    reason,
  );
  assert.deepEqual(await checkOutput({ path: "nowhere.mp4", video: VIDEO, verify: "off" }), {
    wrong: [],
    lost: [],
  });
});

Deno.test("createVideo: an output that lacks a stream of its input fails, and stays under a name that says so", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  for (
    const [verify, kept] of [["streams", "out.failed-check.mp4"], ["streams", "out.failed-check-2.mp4"], [
      "off",
      "out.mp4",
    ]] as const
  ) {
    await makeClip(input, { pts: [0, 1, 2] });
    await using source = await openVideo(input);
    await using sink = await createVideo(output, { ...likeSource(source.info), verify });
    await source.frames.pipeTo(sink.frames, { preventClose: true });
    // What is copied from gains a stream after the copying has begun.
    await makeClip(input, { pts: [0, 1, 2], audioSeconds: 0.2 });
    if (verify === "off") await sink.frames.close();
    else {
      await assert.rejects(sink.frames.close(), {
        name: "MediaError",
        message:
          `${output}: The output differs from what it should be, and is kept as ${folder.file(kept)}: ` +
          "Stream 1 (audio aac 48000 Hz): it is missing. Please report this; --verify off leaves this check out",
      });
    }
    assert.ok((await readdir(folder.path)).includes(kept));
    assert.equal((await readdir(folder.path)).includes("out.mp4"), verify === "off");
  }
});

Deno.test("createVideo: text subtitles, which a transport stream would swallow, are said to be left out", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeClip(input, { subtitles: [["Hello", 0, 0.3]] });
  assert.deepEqual(await copyVideo(input, folder.file("out.ts")), [
    "Stream 1 (subtitle subrip) is left out: mpegts cannot hold it",
  ]);
});

Deno.test("createVideo: what another kind of container does not keep of the tags is told", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, {
    audioSeconds: 0.4,
    tags: { title: "A clip", comment: "kept", grouping: "a group" },
  });
  assert.deepEqual(await copyVideo(input, folder.file("out.mp4"), { verify: "decode" }), []);
  assert.deepEqual(await copyVideo(input, folder.file("out.ts"), { verify: "decode" }), [
    "File: the tag title is missing",
    "File: the tag comment is missing",
    "File: the tag grouping is missing",
  ]);
});
