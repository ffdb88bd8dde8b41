import assert from "node:assert/strict";
import {
  DamagedMediaError,
  EngineError,
  FFmpegError,
  MediaError,
  messageOf,
  WeightsError,
} from "../src/errors.ts";

Deno.test("errors: each names what it is about before what happened, and keeps both apart", () => {
  const cause = new Error("disk gone");
  const media = new MediaError("a.mp4", "The file is empty", { cause });
  assert.deepEqual([media.message, media.path, media.cause], ["a.mp4: The file is empty", "a.mp4", cause]);
  const damaged = new DamagedMediaError("a.mp4", "The file is truncated");
  assert.ok(damaged instanceof MediaError);
  assert.deepEqual([damaged.message, damaged.damage], [
    "a.mp4: The file is truncated",
    "The file is truncated",
  ]);
  const weights = new WeightsError("w.safetensors", "It has another shape", { tensor: "in.w" });
  assert.deepEqual([weights.message, weights.tensor], ["w.safetensors: It has another shape", "in.w"]);
  assert.equal(new EngineError("cuda", "There is no GPU").message, 'Device "cuda": There is no GPU');
});

Deno.test("FFmpegError: its message is the last line that ffmpeg wrote", () => {
  const error = new FFmpegError(["-i", "a.mp4"], 1, "first line\nInvalid data\n");
  assert.equal(error.message, "ffmpeg ended with exit code 1: Invalid data");
  assert.deepEqual([error.args, error.exitCode, error.stderr], [
    ["-i", "a.mp4"],
    1,
    "first line\nInvalid data\n",
  ]);
});

Deno.test("messageOf: the message of an error, and anything else as text", () => {
  assert.equal(messageOf(new Error("disk gone")), "disk gone");
  assert.equal(messageOf("disk gone"), "disk gone");
  assert.equal(messageOf(undefined), "undefined");
});
