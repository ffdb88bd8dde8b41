import assert from "node:assert/strict";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { MediaError } from "../../../src/errors.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { createVideo, type CreateVideoOptions } from "../../../src/stream/encode/create_video.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { likeSource } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("createVideo: nothing is left behind when the output is aborted or disposed before it is complete", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input);
  for (const end of ["abort", "dispose", "unused"] as const) {
    await using source = await openVideo(input);
    await using sink = await createVideo(folder.file("out.mp4"), likeSource(source.info));
    assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.mp4.part", "out.mp4.part.lock"]);
    if (end === "unused") continue;
    const reader = source.frames.getReader();
    const writer = sink.frames.getWriter();
    for (let i = 0; i < 3; i++) {
      const { value } = await reader.read();
      if (value) await writer.write(value);
    }
    if (end === "abort") await writer.abort(new Error("enough"));
    else {
      writer.closed.catch(() => {});
      await sink[Symbol.asyncDispose]();
    }
    assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
  }
  assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
});

Deno.test("createVideo: the name appears only when the file is complete", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input);
  await using source = await openVideo(input);
  await using sink = await createVideo(output, likeSource(source.info));
  await source.frames.pipeTo(sink.frames, { preventClose: true });
  await assert.rejects(stat(output), { code: "ENOENT" });
  await sink.finishAs?.(folder.file("out.partial.mp4"));
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.partial.mp4"]);
  assert.equal((await collectFrames(folder.file("out.partial.mp4"))).length, 10);
});

Deno.test("createVideo: refuses what it cannot write, naming it, and touches nothing", async () => {
  await using folder = await temporaryFolder();
  const [input, taken] = [folder.file("in.mp4"), folder.file("taken.mp4")];
  await makeClip(input, { pts: [0] });
  await writeFile(taken, "mine");
  await using source = await openVideo(input);
  const attempts: [string, Partial<CreateVideoOptions>, RegExp][] = [
    [taken, {}, /output exists/],
    [input, { overwrite: true }, /output is the input/],
    [folder.file("no/such/folder/out.mp4"), {}, /There is no folder .*no\/such\/folder/],
    [`${taken}/out.mp4`, {}, /Cannot write in the folder/],
    [folder.path, { overwrite: true }, /folder|extension/],
    [folder.file("out.txt"), {}, /extension.*Use \.mp4/],
    [folder.file("out.webm"), { codec: "h264" }, /webm file cannot hold h264/],
  ];
  for (const [path, options, message] of attempts) {
    const attempt = createVideo(path, { ...likeSource(source.info), ...options });
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof MediaError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(
    createVideo(folder.file("a.mp4"), { ...likeSource(source.info), crf: 99 }),
    RangeError,
  );
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "taken.mp4"]);
  assert.equal((await stat(taken)).size, 4);
});

Deno.test("createVideo: the size is that of the first frame, and a frame of another size is refused", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1] });
  await using source = await openVideo(input);
  await using sink = await createVideo(folder.file("wide.mp4"), likeSource(source.info));
  const frame = (width: number, pts: bigint) => ({
    data: new Uint8Array(width * 96),
    width,
    height: 32,
    pts,
    duration: 1n,
  });
  const writer = sink.frames.getWriter();
  await writer.write(frame(192, 0n));
  await assert.rejects(writer.write(frame(48, 1n)), /A frame is 48x32, but the first was 192x32/);
});

Deno.test("createVideo: disposed while it is being closed, it frees nothing under the encoder, and leaves nothing", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { width: 320, height: 240, pts: Array.from({ length: 30 }, (_, i) => i) });
  for (const milliseconds of [0, 1, 5, 20]) {
    await using source = await openVideo(input);
    const sink = await createVideo(folder.file("out.mp4"), { ...likeSource(source.info), codec: "hevc" });
    await source.frames.pipeTo(sink.frames, { preventClose: true });
    const closing = sink.frames.close();
    const closed = assert.rejects(closing, /out\.mp4: The output was disposed before it was complete/);
    if (milliseconds > 0) await delay(milliseconds); // x265 still has all of the frames to encode
    await sink[Symbol.asyncDispose]();
    await closed;
    assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
  }
});

Deno.test("createVideo: frames that come from no file need a template, and nothing to copy", async () => {
  await using folder = await temporaryFolder();
  const output = folder.file("out.mp4");
  const size = { width: 32, height: 16 };
  const template = { ...size, timeBase: { num: 1, den: 240 }, frameRate: 240 };
  await using sink = await createVideo(output, { template, codec: "h264", crf: 12 });
  const writer = sink.frames.getWriter();
  for (const shade of [60, 120, 180]) {
    const data = new Uint8Array(32 * 16 * 3).fill(shade);
    await writer.write({ data, ...size, pts: BigInt(shade / 60 - 1), duration: 1n });
  }
  await writer.close();
  assert.deepEqual(sink.notes, []);
  await using source = await openVideo(output);
  assert.equal(source.info.frameRate, 240);
  const { num, den } = source.info.timeBase;
  const frames = await Array.fromAsync(source.frames);
  assert.deepEqual(frames.map(({ pts }) => Number(pts) * num / den * 240), [0, 1, 2]);
  for (const [i, { data }] of frames.entries()) {
    assert.ok(Math.abs((data[0] ?? 0) - 60 * (i + 1)) < 8, `frame ${i}: ${data[0]}`);
  }
});

for (const name of ["out.mp4", "out.mkv"]) {
  Deno.test(`createVideo: ${name} in a folder that is removed during the job fails in plain words`, async () => {
    await using folder = await temporaryFolder();
    await makeClip(folder.file("in.mp4"));
    await mkdir(folder.file("results"));
    await using source = await openVideo(folder.file("in.mp4"));
    await using sink = await createVideo(folder.file(`results/${name}`), likeSource(source.info));
    let taken = 0;
    const removing = new TransformStream({
      async transform(frame, controller) {
        if (taken++ === 3) await rm(folder.file("results"), { recursive: true });
        controller.enqueue(frame);
      },
    });
    await assert.rejects(source.frames.pipeThrough(removing).pipeTo(sink.frames), { name: "MediaError" });
    assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
  });
}
