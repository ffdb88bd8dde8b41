import assert from "node:assert/strict";
import { AV_PIX_FMT_YUV420P10LE, FF_ENCODER_LIBX265 } from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("refuseHighDepth: more than 8 bits a sample is refused in one line", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("deep.mp4");
  await makeClip(path, {
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    encoder: FF_ENCODER_LIBX265,
  });
  await assert.rejects(
    openVideo(path),
    /deep\.mp4: This video is more than 8 bits a sample \(yuv420p10le\).*Convert it to 8-bit video$/,
  );
});
