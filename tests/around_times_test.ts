import assert from "node:assert/strict";
import { aroundTimes } from "../src/around_times.ts";
import type { JudgedFrame } from "../src/judge_frames.ts";
import { FULL_STRENGTH } from "../src/model/restore/strength.ts";

/** A letter a frame; the same letter again is a repetition. Capital letters mark the frames of the range. */
async function passed(names: string): Promise<{ passed: string; dropped: string }> {
  let run = {};
  const frames = [...names].map((name, i): JudgedFrame => {
    if (names[i - 1]?.toLowerCase() !== name.toLowerCase()) run = {};
    return {
      frame: { data: new Uint8Array(3), width: 1, height: 1, pts: BigInt(i), duration: 1n },
      strength: FULL_STRENGTH,
      neighbours: {},
      ...{ run, pixels: Symbol(), isRepeated: false, dependsOnEarlier: false },
      release: () => {},
    };
  });
  const first = [...names].findIndex((name) => name !== name.toLowerCase());
  const last = [...names].findLastIndex((name) => name !== name.toLowerCase());
  const times = first < 0 ? { from: 99n, until: 100n } : { from: BigInt(first), until: BigInt(last + 1) };
  const dropped: JudgedFrame[] = [];
  const stage = aroundTimes(times, (judged) => dropped.push(judged));
  const kept = await Array.fromAsync(ReadableStream.from(frames).pipeThrough(stage));
  const named = (list: readonly JudgedFrame[]) =>
    list.map((judged) => names[frames.indexOf(judged)]).join("");
  return { passed: named(kept), dropped: [...named(dropped)].sort().join("") };
}

Deno.test("aroundTimes: passes on a range and one frame on either side that shows something else", async () => {
  assert.deepEqual(await passed("abcDEFghi"), { passed: "cDEFg", dropped: "abhi" });
  assert.deepEqual(await passed("ABC"), { passed: "ABC", dropped: "" });
  assert.deepEqual(await passed("aB"), { passed: "aB", dropped: "" });
  assert.deepEqual(await passed("Ab"), { passed: "Ab", dropped: "" });
});

Deno.test("aroundTimes: repetitions of the range's first and last frame are not what is beside them", async () => {
  assert.deepEqual(await passed("abbBCCccdde"), { passed: "aBCCd", dropped: "bbccde" });
  assert.deepEqual(await passed("aabBc"), { passed: "aBc", dropped: "ab" });
  assert.deepEqual(await passed("bbBB"), { passed: "BB", dropped: "bb" });
});

Deno.test("aroundTimes: all is dropped that is not in the range, where nothing is", async () => {
  assert.deepEqual(await passed("abbc"), { passed: "", dropped: "abbc" });
  assert.deepEqual(await passed(""), { passed: "", dropped: "" });
});
