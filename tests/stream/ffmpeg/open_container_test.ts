import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { fileAddress, openAddress, openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { liveServer } from "../../helpers/live_server.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("openContainer: a missing file, a folder, an empty file and no media are each told apart", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.file("folder"));
  await writeFile(folder.file("empty.mp4"), "");
  await writeFile(folder.file("letter.mp4"), "This is a letter.\n".repeat(100));
  const told = {
    "none.mp4": /none\.mp4: No such file/,
    folder: /This is not a regular file/,
    "empty.mp4": /The file is empty/,
    "letter.mp4": /Cannot read this as a video: .*\. Use a complete video, such as MP4/,
  };
  for (const [name, message] of Object.entries(told)) {
    await assert.rejects(openContainer(folder.file(name)), { name: "MediaError", message });
  }
});

Deno.test("openAddress: aborting ends the opening with the reason, before it and while a network is silent", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("clip.mp4"));
  const reason = new Error("enough");
  await assert.rejects(openContainer(folder.file("clip.mp4"), { signal: AbortSignal.abort(reason) }), reason);
  await using server = await liveServer(() => Promise.resolve());
  const ending = new AbortController();
  const opening = openAddress(server.address, "stream", { signal: ending.signal });
  setTimeout(() => ending.abort(reason), 50);
  await assert.rejects(opening, reason);
});

Deno.test("fileAddress: absolute, so that FFmpeg takes no name for an option or a protocol", () => {
  for (const name of ["-i", "http://a/b", "concat:a|b", "%d.png"]) {
    assert.match(fileAddress(name), /^file:\/.*/s);
    assert.ok(fileAddress(name).endsWith(name.replace("//", "/")));
  }
});
