import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  type AVColorRange,
  type AVColorSpace,
  FF_ENCODER_LIBX265,
} from "node-av/constants";
import fc from "fast-check";
import { MediaError } from "../../src/errors.ts";
import { openMedia } from "../../src/stream/open_media.ts";
import { openVideo } from "../../src/stream/open_video.ts";
import { collectFrames } from "../helpers/collect_frames.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const MATRICES: readonly (readonly [string, AVColorSpace, AVColorRange, number, number])[] = [
  ["BT.601 limited", AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, 0.299, 0.114],
  ["BT.709 limited", AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, 0.2126, 0.0722],
  ["BT.709 full", AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, 0.2126, 0.0722],
  ["BT.2020 limited", AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, 0.2627, 0.0593],
];

for (const [name, matrix, range, kr, kb] of MATRICES) {
  Deno.test(`openVideo: ${name} becomes the RGB its definition gives, to 1/255`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("clip.mp4");
    const yuv: readonly [number, number, number] = [120, 110, 150];
    await makeClip(path, {
      matrix,
      range,
      pts: [0],
      sample: (plane) => yuv[plane] ?? 0,
      pixelFormat: AV_PIX_FMT_YUV444P,
    });
    const [offset, lumaScale, chromaScale] = range === AVCOL_RANGE_MPEG ? [16, 219, 224] : [0, 255, 255];
    const [y, u, v] = [
      (yuv[0] - offset) / lumaScale,
      (yuv[1] - 128) / chromaScale,
      (yuv[2] - 128) / chromaScale,
    ];
    const [red, blue] = [y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u];
    const green = (y - kr * red - kb * blue) / (1 - kr - kb);
    const [frame] = await collectFrames(path);
    for (const [c, wanted] of [red, green, blue].entries()) {
      const got = frame?.data[c] ?? -1;
      assert.ok(Math.abs(got - wanted * 255) <= 1, `channel ${c} is ${got}, wanted ${wanted * 255}`);
    }
  });
}

Deno.test("openVideo: tells size, time base, rate, rotation and streams before the first frame", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { rotated: true, audioSeconds: 0.4 });
  await using source = await openVideo(path);
  const { info } = source;
  assert.deepEqual([info.kind, info.width, info.height, info.rotation], ["video", 48, 32, 90]);
  assert.deepEqual([info.frames, info.frameRate, info.codec], [10, 25, "h264"]);
  assert.ok(Math.abs((info.seconds ?? 0) - 0.4) < 1e-6);
  assert.deepEqual(info.streams, ["video h264 48x32", "audio aac 48000 Hz"]);
  assert.equal(info.range, undefined);
});

for (const extension of ["mp4", "mkv", "ts"]) {
  Deno.test(`openVideo: a range of a .${extension} gives exactly the frames in it, wherever the keyframes are`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 17 });
    const all = await collectFrames(path);
    assert.equal(all.length, 60);
    for (
      const [start, duration, first, count] of [[0, 0.2, 0, 5], [0.68, 0.04, 17, 1], [1, undefined, 25, 35], [
        1.61,
        9,
        41,
        19,
      ]]
    ) {
      const part = await collectFrames(path, {
        start: start ?? 0,
        ...(duration !== undefined && { duration }),
      });
      const wanted = all.slice(first, (first ?? 0) + (count ?? 0));
      assert.deepEqual(part.map(({ pts }) => pts), wanted.map(({ pts }) => pts), `from ${start}`);
      assert.deepEqual(part[0]?.data, wanted[0]?.data);
    }
    assert.deepEqual(await collectFrames(path, { start: 5 }), []);
  });
}

Deno.test("openVideo: a frame owns its memory and can be handed to another thread", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: [0, 1] });
  const [first, second] = await collectFrames(path);
  assert.ok(first && second);
  assert.equal(first.data.buffer.byteLength, 48 * 32 * 3);
  assert.equal(structuredClone(first.data.buffer, { transfer: [first.data.buffer] }).byteLength, 48 * 32 * 3);
  assert.equal(first.data.length, 0);
  assert.equal(second.data.length, 48 * 32 * 3);
});

Deno.test("openVideo: decodes only as far as it is read", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 300 }, (_, i) => i) });
  await using source = await openVideo(path);
  let taken = 0;
  const ending = new AbortController();
  const counted = source.frames.pipeThrough(
    new TransformStream({ transform: (frame, controller) => (taken++, controller.enqueue(frame)) }, {
      highWaterMark: 1,
    }, {
      highWaterMark: 0,
    }),
  );
  const never = new WritableStream({ write: () => new Promise<void>(() => {}) }, { highWaterMark: 1 });
  const piped = counted.pipeTo(never, { signal: ending.signal });
  await delay(500);
  assert.ok(taken >= 1 && taken <= 3, `${taken} frames left the source, marks allow 3`);
  ending.abort();
  piped.catch(() => {});
});

Deno.test("openVideo: aborting ends the frames with the reason; disposing twice, or early, is fine", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i) });
  const ending = new AbortController();
  await using source = await openVideo(path, { signal: ending.signal });
  const reader = source.frames.getReader();
  await reader.read();
  const reason = new Error("enough");
  ending.abort(reason);
  await assert.rejects(reader.read(), reason);
  await source[Symbol.asyncDispose]();
  await assert.rejects(openVideo(path, { signal: AbortSignal.abort(reason) }), reason);
  const early = await openVideo(path);
  const pending = assert.rejects(early.frames.getReader().read(), /source was disposed/);
  await early[Symbol.asyncDispose]();
  await pending;
});

Deno.test("openVideo: more than 8 bits a sample is refused in one line", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("deep.mp4");
  await makeClip(path, {
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    encoder: FF_ENCODER_LIBX265,
    encoderOptions: { "x265-params": "log-level=none" },
    pts: [0],
  });
  await assert.rejects(
    openVideo(path),
    /deep\.mp4: This video is more than 8 bits a sample \(yuv420p10le\).*wanted 8-bit/,
  );
});

Deno.test("openMedia: what cannot be used is refused in one line that names it and what was wanted", async () => {
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
      /no video stream in this file \(it holds audio aac/,
    ],
  ];
  for (const [name, make, message] of cases) {
    const path = folder.file(name);
    await make(path);
    await assert.rejects(openMedia(path), (error) => {
      assert.ok(error instanceof MediaError, `${name}: ${error}`);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`${path}: `) && /wanted/.test(error.message), error.message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
  const clip = folder.file("clip.mp4");
  await makeClip(clip, { pts: [0] });
  await assert.rejects(openMedia(clip, { maxPixels: 1000 }), /48x32; wanted at most 1000 pixels/);
  await assert.rejects(openVideo(clip, { start: -1 }), RangeError);
  await assert.rejects(openVideo(clip, { duration: 0 }), RangeError);
});

for (
  const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}], ["avi", {}]] as const
) {
  Deno.test(`openVideo: a .${extension} cut off in the middle gives what decodes and tells the loss`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i), muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.6));
    await using source = await openVideo(path);
    const frames = await Array.fromAsync(source.frames);
    assert.ok(frames.length > 20 && frames.length < 90, `${frames.length} frames`);
    const loss = extension === "avi" ? /cut off|damaged/ : /cut off: its last [\d.]+ s are missing/;
    assert.match(source.damage ?? "", loss);
  });
}

Deno.test("openVideo: a whole file has no damage", async () => {
  await using folder = await temporaryFolder();
  for (const extension of ["mp4", "mkv", "ts", "avi"]) {
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 30 }, (_, i) => i) });
    await using source = await openVideo(path);
    assert.equal((await Array.fromAsync(source.frames)).length, 30);
    assert.equal(source.damage, undefined);
  }
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

Deno.test("openVideo: a picture that changes its size is refused with both sizes", async () => {
  await using folder = await temporaryFolder();
  const [small, large, both] = [folder.file("a.ts"), folder.file("b.ts"), folder.file("both.ts")];
  await makeClip(small, { pts: Array.from({ length: 30 }, (_, i) => i) });
  await makeClip(large, { width: 64, height: 48, pts: Array.from({ length: 30 }, (_, i) => i + 30) });
  await writeFile(both, Buffer.concat([await readFile(small), await readFile(large)]));
  await assert.rejects(collectFrames(both), /picture size changes from 48x32 to 64x48/);
});

Deno.test("openVideo: damaged bytes never crash it: it ends, with frames or with a MediaError", async () => {
  await using folder = await temporaryFolder();
  const [clip, broken] = [folder.file("clip.mp4"), folder.file("broken.mp4")];
  await makeClip(clip, { pts: Array.from({ length: 12 }, (_, i) => i) });
  const bytes = await readFile(clip);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(damage, async (places) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of places) copy[at] = value;
      await writeFile(broken, copy);
      const attempt = collectFrames(broken, { maxPixels: 1e6 });
      await attempt.catch((error) => assert.ok(error instanceof MediaError, String(error)));
    }),
    { numRuns: 60 },
  );
});
