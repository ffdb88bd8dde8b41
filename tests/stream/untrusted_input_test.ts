import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { FF_ENCODER_RAWVIDEO } from "node-av/constants";
import { MediaError } from "../../src/errors.ts";
import { openMedia } from "../../src/stream/open_media.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { mutateBytes, seededRandom } from "../helpers/mutate_bytes.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** Files that make careless players open something else: another file, or a network. */
function playlists(secret: string, url: string): readonly (readonly [name: string, text: string])[] {
  const hls = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`;
  const dash =
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>` +
    `<Representation id="0" bandwidth="1"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`;
  return [
    ["hls of a file.m3u8", hls(secret)],
    ["hls of a url.m3u8", hls(`${url}clip.ts`)],
    ["hls named like a video.mp4", hls(`file://${secret}`)],
    ["concat.ffconcat", `ffconcat version 1.0\nfile '${secret}'\n`],
    ["concat named like a video.mkv", `ffconcat version 1.0\nfile '${url}clip.mp4'\n`],
    ["dash.mpd", dash],
    ["list.m3u", `${secret}\n`],
    ["list.pls", `[playlist]\nFile1=${url}clip.mp4\nNumberOfEntries=1\n`],
    ["asx.asx", `<asx version="3.0"><entry><ref href="${url}clip.wmv"/></entry></asx>`],
    ["description.sdp", `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n`],
    [
      "image.svg",
      `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}x.png" width="9" height="9"/></svg>`,
    ],
  ];
}

Deno.test("openMedia: a file that names other files or addresses makes it open none of them", async () => {
  await using folder = await temporaryFolder();
  const secret = folder.file("secret.mp4");
  await makeClip(secret, { pts: [0, 1, 2] });
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  try {
    for (const [name, text] of playlists(secret, url)) {
      await writeFile(folder.file(name), text);
      await assert.rejects(openMedia(folder.file(name)), MediaError, name);
    }
    for (
      const input of [
        `${url}clip.mp4`,
        "rtmp://127.0.0.1/x",
        "concat:a.mp4|b.mp4",
        `subfile,,start,0,end,0,,:${secret}`,
        "data:video/mp4;base64,AAAA",
        `file:${secret}`,
        "pipe:0",
        "lavfi:testsrc",
      ]
    ) {
      await assert.rejects(openMedia(input), /No such file or folder/, input);
    }
    assert.equal(requests, 0);
  } finally {
    server.close();
    await once(server, "close");
  }
});

Deno.test("openMedia: whatever a name looks like, it is the file of that name", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("clip.mp4"), { pts: [0, 1] });
  const bytes = await readFile(folder.file("clip.mp4"));
  for (
    const name of [
      "%03d.mp4",
      "-o.mp4",
      "a:b.mp4",
      "concat:x.mp4",
      'it\'s "quoted".mp4',
      "new\nline.mp4",
      "*?.mp4",
      "ключ 🎬.mp4",
      "http:.mp4",
    ]
  ) {
    await writeFile(folder.file(name), bytes);
    await using source = await openMedia(folder.file(name));
    assert.equal((await Array.fromAsync(source.frames)).length, 2, name);
  }
});

const MUTANTS = 300;

for (const extension of ["mp4", "mkv", "avi", "ts", "y4m"]) {
  Deno.test(`openMedia: ${MUTANTS} mutants of a .${extension} are read, or refused with a MediaError, and nothing is written`, async () => {
    await using folder = await temporaryFolder();
    const [whole, path] = [folder.file(`whole.${extension}`), folder.file(`mutant.${extension}`)];
    await makeClip(whole, {
      pts: [0, 1, 2],
      ...(extension === "y4m" && { encoder: FF_ENCODER_RAWVIDEO, encoderOptions: {} }),
    });
    const bytes = await readFile(whole);
    const random = seededRandom(3);
    let [read, refused] = [0, 0];
    for (let i = 0; i < MUTANTS; i++) {
      await writeFile(path, mutateBytes(bytes, random));
      try {
        await using source = await openMedia(path, { maxPixels: 2 ** 20 });
        for await (const _ of source.frames);
        read++;
      } catch (error) {
        if (!(error instanceof MediaError)) throw new Error(`mutant ${i}: ${error}`, { cause: error });
        refused++;
      }
    }
    assert.equal(read + refused, MUTANTS);
    assert.deepEqual((await readdir(folder.path)).sort(), [`mutant.${extension}`, `whole.${extension}`]);
  });
}
