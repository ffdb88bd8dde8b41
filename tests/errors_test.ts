import assert from "node:assert/strict";
import { errorText, FFmpegError, MediaError, OptionError, WeightsError } from "../src/errors.ts";

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
