import assert from "node:assert/strict";
import { addCopiedStream } from "../../../src/stream/encode/stream_copier.ts";
import { canHold, containerOf, refuseCodec } from "../../../src/stream/encode/container_format.ts";
import { fileAddress, openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("containerOf: the container of an extension; names without one, and pictures, are refused", () => {
  const names = { "a.mp4": "mp4", "a.MKV": "matroska", "a.webm": "webm", "a.ts": "mpegts", "a.avi": "avi" };
  for (const [path, name] of Object.entries(names)) assert.equal(containerOf(path).name, name, path);
  const animated = { "a.gif": "gif", "a.APNG": "apng", "a.webp": "webp" };
  for (const [path, name] of Object.entries(animated)) assert.equal(containerOf(path).name, name, path);
  assert.equal(containerOf("a.png", "apng").name, "apng", "of an animated PNG");
  for (const path of ["a.png", "a.jpg"]) {
    assert.throws(
      () => containerOf(path, "h264"),
      /One picture holds no video\. .* a\/%06d\.(?:png|jpg) for a folder/,
    );
  }
  for (const path of ["a.txt", "a"]) {
    assert.throws(
      () => containerOf(path),
      new RegExp(`^MediaError: ${path}: No video container has this extension`),
    );
  }
});

Deno.test("refuseCodec: what the container cannot hold is refused, with one that can", async () => {
  await using folder = await temporaryFolder();
  const attempt = (name: string, codec: "h264" | "vp9" | "ffv1") =>
    refuseCodec(name, codec, containerOf(name), folder.file("trial.part"));
  for (const [name, codec] of [["a.mp4", "h264"], ["a.webm", "vp9"], ["a.mkv", "ffv1"]] as const) {
    await attempt(name, codec);
  }
  await assert.rejects(
    attempt("a.webm", "h264"),
    /A webm file cannot hold h264 video\. Use \.mp4 or \.mkv, or/,
  );
  await assert.rejects(
    attempt("a.webm", "ffv1"),
    /A webm file cannot hold ffv1 video\. Use \.mkv, or another codec$/,
  );
});

Deno.test("canHold: streams of a file, one by one", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("in.mkv");
  await makeClip(path, { audioSeconds: 0.2, subtitles: [["hello", 0, 0.2]] });
  await using opened = new AsyncDisposableStack();
  const { streams } = opened.adopt(await openContainer(path), (container) => container.closeInput());
  const held = async (name: string) => {
    const address = fileAddress(folder.file("trial.part"));
    const holds = streams.map((stream) =>
      canHold(containerOf(name), address, (trial) => void addCopiedStream(trial, stream, false))
    );
    return await Promise.all(holds);
  };
  assert.deepEqual(await held("a.mkv"), [true, true, true]);
  assert.deepEqual(await held("a.mp4"), [true, true, false], "MP4 has no SubRip");
  assert.deepEqual(await held("a.webm"), [false, false, false], "WebM has neither H.264, AAC nor SubRip");
});
