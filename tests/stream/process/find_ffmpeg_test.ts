import assert from "node:assert/strict";
import { findFfmpeg } from "../../../src/stream/process/find_ffmpeg.ts";
import { ffmpegProgram } from "../../helpers/ffmpeg_program.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("findFfmpeg: a program that is not there is named, with what would help", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["/no/such/ffmpeg", "no-such-ffmpeg", folder.path]) {
    await assert.rejects(
      findFfmpeg(name),
      new RegExp(`^MediaError: ${name}: There is no such program\\. Install`),
    );
  }
  if (ffmpegProgram !== undefined) assert.equal(await findFfmpeg(ffmpegProgram), ffmpegProgram);
});
