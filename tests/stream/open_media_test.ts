import assert from "node:assert/strict";
import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import fc from "fast-check";
import { MediaError } from "../../src/errors.ts";
import { openMedia } from "../../src/stream/open_media.ts";
import { openVideo } from "../../src/stream/decode/open_video.ts";
import { collectFrames } from "../helpers/collect_frames.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("openMedia: another ffmpeg program does not deinterlace", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: [0] });
  const options = { ffmpeg: "auto", deinterlace: "always" } as const;
  await assert.rejects(openMedia(path, options), /deinterlace cannot be used with an ffmpeg program/);
});

Deno.test("openMedia: what cannot be used is refused in one line that names it and says what to do", async () => {
  await using folder = await temporaryFolder();
  const cases: [string, (path: string) => Promise<unknown>, RegExp][] = [
    ["missing.mp4", () => Promise.resolve(), /No such file or folder/],
    ["folder", (path) => mkdir(path), /no pictures in this folder/],
    ["empty.mp4", (path) => writeFile(path, ""), /file is empty/],
    [
      "text.mp4",
      (path) => writeFile(path, "This is a letter, not a film.\n".repeat(50)),
      /Cannot read this as a video/,
    ],
    ["zeros.mkv", (path) => writeFile(path, new Uint8Array(4000)), /Cannot read this as a video/],
    ["text.png", (path) => writeFile(path, "no picture"), /Cannot read this as a video/],
    [
      "sound.mp4",
      (path) => makeClip(path, { withoutVideo: true, audioSeconds: 0.3 }),
      /no video stream in this file: it holds audio aac/,
    ],
  ];
  for (const [name, make, message] of cases) {
    const path = folder.file(name);
    await make(path);
    await assert.rejects(openMedia(path), (error) => {
      assert.ok(error instanceof MediaError, `${name}: ${error}`);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`${path}: `) && /\. [A-Z]/.test(error.message), error.message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
  const clip = folder.file("clip.mp4");
  await makeClip(clip, { pts: [0] });
  await assert.rejects(openMedia(clip, { maxPixels: 1000 }), /48x32, more than 1000 pixels/);
  await assert.rejects(openVideo(clip, { start: -1 }), RangeError);
  await assert.rejects(openVideo(clip, { duration: 0 }), RangeError);
});

Deno.test("openMedia: a playlist in disguise makes nothing else be opened", async () => {
  await using folder = await temporaryFolder();
  let requests = 0;
  const server = createServer((_, response) => (requests++, response.end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const canary = folder.file("canary.ts");
  await makeClip(canary, { pts: [0, 1, 2] });
  const targets = [
    canary,
    `file:${canary}`,
    `http://127.0.0.1:${port}/canary.ts`,
    `concat:${canary}`,
    "canary.ts",
  ];
  const playlists = targets.flatMap((target) => [
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`,
    `ffconcat version 1.0\nfile '${target}'\n`,
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>` +
    `<Representation id="1" bandwidth="1"><BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
  ]);
  try {
    for (const [i, text] of playlists.entries()) {
      for (const extension of ["mp4", "m3u8", "ffconcat", "mpd"]) {
        const path = folder.file(`hostile${i}.${extension}`);
        await writeFile(path, text);
        const before = (await stat(canary)).atimeMs;
        await assert.rejects(openMedia(path), MediaError, text);
        assert.equal((await stat(canary)).atimeMs, before);
      }
    }
    assert.equal(requests, 0);
    assert.equal((await collectFrames(canary)).length, 3, "the canary itself could have been read");
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("openMedia: any file name is taken literally", async () => {
  await using folder = await temporaryFolder();
  const plain = folder.file("plain.mp4");
  await makeClip(plain, { pts: [0, 1] });
  const nasty = [
    "-i",
    "%d",
    "%03d.mp4",
    "a:b",
    "pipe:0",
    "http:",
    "concat:a|b",
    'it\'s "so".mp4',
    "a b",
    "[1]",
    "*",
    "é\u{1F3A5}",
    "#",
  ];
  const character = fc.constantFrom(..." '\"%d:-\\|*?[]{}$&;`~#é漢🎥.,=+@!()".match(/./gu) ?? []);
  const name = fc.oneof(
    fc.constantFrom(...nasty),
    fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join("")),
  );
  await fc.assert(
    fc.asyncProperty(
      name.filter((value) => value !== "." && value !== ".." && value !== "plain.mp4"),
      async (value) => {
        const path = folder.file(value);
        await copyFile(plain, path);
        assert.equal((await collectFrames(path)).length, 2);
      },
    ),
    { numRuns: 40 },
  );
});
