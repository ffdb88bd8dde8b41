import assert from "node:assert/strict";
import {
  DamagedMediaError,
  EngineError,
  errorText,
  FFmpegError,
  MediaError,
  messageOf,
  OptionError,
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

Deno.test("errorText: an expected error is its message, one line", () => {
  assert.equal(errorText(new MediaError("a.mp4", "Cannot be read")), "a.mp4: Cannot be read");
  assert.equal(errorText(new OptionError("crf is 60")), "crf is 60");
  assert.equal(errorText(new WeightsError("w", "damaged", { tensor: "t" })), "w: damaged");
  assert.equal(
    errorText(new FFmpegError(["-i"], 1, "line 1\nNo such file\n")),
    "ffmpeg ended with exit code 1: No such file",
  );
});

Deno.test("errorText: any other error is its stack, and a thrown value its text", () => {
  assert.match(errorText(new RangeError("Invalid array length")), /^RangeError: Invalid array length\n +at /);
  assert.match(errorText(new Error("a defect")), /^Error: a defect\n +at .*errors_test\.ts/);
  assert.equal(errorText("thrown text"), "thrown text");
});

Deno.test("OptionError: a RangeError to whoever catches that", () => {
  assert.throws(() => {
    throw new OptionError("crf is 60");
  }, RangeError);
});
