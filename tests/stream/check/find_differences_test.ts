import assert from "node:assert/strict";
import { AV_DISPOSITION_DEFAULT, AV_DISPOSITION_FORCED } from "node-av/constants";
import { findDifferences, type MeantSource } from "../../../src/stream/check/find_differences.ts";
import type { FileFacts, StreamFacts } from "../../../src/stream/check/stream_facts.ts";

const VIDEO: StreamFacts = {
  index: 0,
  name: "video h264 48x32",
  type: "video",
  codec: "h264",
  disposition: AV_DISPOSITION_DEFAULT,
  tags: new Map([["language", "eng"]]),
  packets: 10,
  bytes: 1000,
  times: { first: 0, last: 0.36, end: 0.4 },
};

const SOUND: StreamFacts = {
  ...VIDEO,
  index: 1,
  name: "audio aac 48000 Hz",
  type: "audio",
  codec: "aac",
  packets: 20,
  times: { first: -0.02, last: 0.4, end: 0.42 },
};

const SUBTITLES: StreamFacts = {
  ...SOUND,
  index: 2,
  name: "subtitle subrip",
  type: "subtitle",
  codec: "subrip",
  disposition: AV_DISPOSITION_FORCED,
  tags: new Map([["language", "ger"], ["title", "Signs"]]),
};

const FILE: FileFacts = {
  format: "matroska,webm",
  tags: new Map([["title", "A clip"], ["encoder", "Lavf 1"]]),
  streams: [VIDEO, SOUND, SUBTITLES],
  video: 0,
};

const MEANT = { codec: "h264", frames: 10, first: 0, last: 0.36 };

/** What is found in `FILE` with its streams changed, when it was made from `FILE` itself. */
function differences(change: Partial<FileFacts>, source: Partial<MeantSource> = {}) {
  const meant = {
    facts: FILE,
    leftOut: new Set<number>(),
    converted: new Set<number>(),
    offset: 0,
    isPart: false,
  };
  return findDifferences({ ...FILE, ...change }, { video: MEANT, source: { ...meant, ...source } });
}

Deno.test("findDifferences: a file that is as it was meant to be has none", () => {
  assert.deepEqual(differences({}), { wrong: [], lost: [] });
  assert.deepEqual(findDifferences({ ...FILE, streams: [VIDEO] }, { video: MEANT }), { wrong: [], lost: [] });
});

const sound = (change: Partial<StreamFacts>) => ({ streams: [VIDEO, { ...SOUND, ...change }, SUBTITLES] });
const video = (change: Partial<StreamFacts>) => ({ streams: [{ ...VIDEO, ...change }, SOUND, SUBTITLES] });
const SOUND_NAME = "Stream 1 (audio aac 48000 Hz)";

const CASES: readonly (readonly [what: string, change: Partial<FileFacts>, wrong: string])[] = [
  ["a stream is missing", { streams: [VIDEO, SUBTITLES] }, `${SOUND_NAME}: it is missing`],
  ["a codec is another", sound({ codec: "mp3" }), `${SOUND_NAME}: its codec is mp3, not aac`],
  ["packets are missing", sound({ packets: 19, bytes: 950 }), `${SOUND_NAME}: it holds 19 packets of 20`],
  [
    "sound begins late",
    sound({ times: { first: 0, last: 0.4, end: 0.42 } }),
    `${SOUND_NAME}: it begins at 0.000 s, not at -0.020 s`,
  ],
  [
    "sound ends early",
    sound({ times: { first: -0.02, last: 0.38, end: 0.4 } }),
    `${SOUND_NAME}: it ends at 0.380 s, not at 0.400 s`,
  ],
  ["a language is lost", sound({ tags: new Map() }), `${SOUND_NAME}: its language is und, not eng`],
  [
    "a disposition is lost",
    { streams: [VIDEO, SOUND, { ...SUBTITLES, disposition: 0 }] },
    "Stream 2 (subtitle subrip): its disposition is not kept",
  ],
  [
    "frames are missing",
    video({ packets: 9 }),
    "Stream 0 (video h264 48x32): it holds 9 frames, and 10 were written",
  ],
  [
    "the video's codec is another",
    video({ codec: "vp9" }),
    "Stream 0 (video h264 48x32): its codec is vp9, not h264",
  ],
  [
    "the video ends early",
    video({ times: { first: 0, last: 0.2, end: 0.24 } }),
    "Stream 0 (video h264 48x32): it ends at 0.200 s, not at 0.360 s",
  ],
  [
    "a stream comes from nowhere",
    { streams: [...FILE.streams, { ...SOUND, index: 3 }] },
    "Stream 3 (audio aac 48000 Hz) of the output is in no input",
  ],
];

for (const [what, change, wrong] of CASES) {
  Deno.test(`findDifferences: ${what}`, () => {
    assert.deepEqual(differences(change), { wrong: [wrong], lost: [] });
  });
}

Deno.test("findDifferences: streams that are said to be left out are not missed, and converted ones keep their language", () => {
  const leftOut = new Set([1]);
  assert.deepEqual(differences({ streams: [VIDEO, SUBTITLES] }, { leftOut }).wrong, []);
  const converted = new Set([2]);
  const other = { ...SUBTITLES, codec: "ass", packets: 3 };
  assert.deepEqual(differences({ streams: [VIDEO, SOUND, other] }, { converted }).wrong, []);
  const mute = { ...other, tags: new Map([["title", "Signs"]]) };
  assert.deepEqual(differences({ streams: [VIDEO, SOUND, mute] }, { converted }).wrong, [
    "Stream 2 (subtitle subrip): its language is und, not ger",
  ]);
});

Deno.test("findDifferences: what a container of another kind does not hold is told, and no failure", () => {
  const plain = [VIDEO, SOUND, SUBTITLES].map((stream) => ({ ...stream, tags: new Map(), disposition: 0 }));
  const { wrong, lost } = differences({ format: "mpegts", tags: new Map(), streams: plain });
  assert.deepEqual(wrong, []);
  assert.deepEqual(lost, [
    "Stream 0 (video h264 48x32): its language is und, not eng",
    `${SOUND_NAME}: its language is und, not eng`,
    "Stream 2 (subtitle subrip): its language is und, not ger",
    "Stream 2 (subtitle subrip): its disposition is not kept",
    "Stream 2 (subtitle subrip): the tag title is missing",
    "File: the tag title is missing",
  ]);
});

Deno.test("findDifferences: in a container of another kind everything may begin later, but not apart", () => {
  const later = (stream: StreamFacts, seconds: number): StreamFacts => {
    const { first, last, end } = stream.times ?? { first: 0, last: 0, end: 0 };
    return { ...stream, times: { first: first + seconds, last: last + seconds, end: end + seconds } };
  };
  const together = FILE.streams.map((stream) => later(stream, 1.4));
  assert.deepEqual(differences({ format: "mpegts", streams: together }).wrong, []);
  const transport = { ...FILE, format: "mpegts" };
  assert.deepEqual(differences({ format: "mpegts", streams: together }, { facts: transport }).wrong, []);
  const apart = [later(VIDEO, 1.4), later(SOUND, 1.6), later(SUBTITLES, 1.4)];
  assert.deepEqual(differences({ format: "mpegts", streams: apart }).wrong, [
    `${SOUND_NAME}: it begins at 1.580 s, not at 1.380 s`,
    `${SOUND_NAME}: it ends at 2.000 s, not at 1.800 s`,
  ]);
  assert.equal(differences({ streams: together }).wrong.length, 6, "in one of the same kind it is wrong");
});

Deno.test("findDifferences: there may be more subtitles, as MP4 puts empty ones between them, but not fewer", () => {
  const subtitles = (packets: number) => ({
    streams: [VIDEO, SOUND, { ...SUBTITLES, packets, bytes: 50 * packets }],
  });
  assert.deepEqual(differences(subtitles(25)).wrong, []);
  assert.deepEqual(differences(subtitles(15)).wrong, [
    "Stream 2 (subtitle subrip): it holds 15 packets of 20",
  ]);
});

Deno.test("findDifferences: of a part, the packets at its ends need not be there", () => {
  const short = sound({ packets: 5, bytes: 250, times: { first: 0, last: 0.1, end: 0.12 } });
  assert.deepEqual(differences(short, { isPart: true }).wrong, []);
});
