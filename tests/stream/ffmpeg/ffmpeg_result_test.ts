import assert from "node:assert/strict";
import { FFmpegError } from "node-av/lib";
import { AVERROR_EOF } from "node-av/constants";
import { MediaError } from "../../../src/errors.ts";
import { ffmpegResult } from "../../../src/stream/ffmpeg/ffmpeg_result.ts";

Deno.test("ffmpegResult: hands on what succeeded; a failure becomes one line with FFmpeg's reason, and its cause", () => {
  assert.equal(ffmpegResult(0, "a.mp4", "read it"), 0);
  assert.equal(ffmpegResult(7, "a.mp4", "read it"), 7);
  assert.throws(() => ffmpegResult(AVERROR_EOF, "a.mp4", "read it"), (error) => {
    assert.ok(error instanceof MediaError);
    assert.equal(error.message, "a.mp4: Cannot read it: End of file");
    assert.ok(error.cause instanceof FFmpegError);
    return true;
  });
});
