import assert from "node:assert/strict";
import type { PairFiles } from "../../../src/train/data/pair_files.ts";
import { sequencePairs, sequencesOf } from "../../../src/train/data/sequence_pairs.ts";
import { flat } from "../../helpers/pair_folder.ts";

function pair(sequence: string, name: string): PairFiles {
  return {
    name: `${sequence}/${name}`,
    blurry: `/data/${sequence}/blur/${name}.png`,
    sharp: `/data/${sequence}/sharp/${name}.png`,
  };
}

/** Which frames a list of pairs knows before and after each, by name. */
async function neighboursOf(pairs: readonly PairFiles[]): Promise<Record<string, string>> {
  const read: string[] = [];
  const found = sequencePairs(pairs, (path) => {
    read.push(path);
    return Promise.resolve(flat(1));
  });
  const nameOf = async (reading: (() => Promise<unknown>) | undefined) => {
    if (reading === undefined) return "-";
    read.length = 0;
    await reading();
    const names = read.map((path) => path.replace(/^\/data\/|\.png$/g, ""));
    assert.deepEqual(names, [names[0] ?? "", names[0]?.replace("/blur/", "/sharp/") ?? ""]);
    return names[0]?.replace("/blur/", "/") ?? "";
  };
  const entries: [string, string][] = [];
  for (const { read, previous, next } of found) {
    entries.push([await nameOf(read), `${await nameOf(previous)} ${await nameOf(next)}`]);
  }
  return Object.fromEntries(entries);
}

Deno.test("sequencePairs knows the frames before and after: same folder, one less and one more", async () => {
  const pairs = [pair("a", "000009"), pair("a", "000010"), pair("a", "000011"), pair("b", "000012")];
  assert.deepEqual(await neighboursOf(pairs), {
    "a/000009": "- a/000010",
    "a/000010": "a/000009 a/000011",
    "a/000011": "a/000010 -", // 12 is of another sequence
    "b/000012": "- -",
  });
});

Deno.test("sequencePairs: frames with others between them are no neighbours, nor are those of another name", async () => {
  const pairs = [
    pair("a", "000103"),
    pair("a", "000109"),
    pair("a", "left 1"),
    pair("a", "right 2"),
    pair("a", "cover"),
  ];
  for (const neighbours of Object.values(await neighboursOf(pairs))) assert.equal(neighbours, "- -");
});

Deno.test("sequencePairs counts numbers of any length, padded or not, in any order", async () => {
  const long = "20240102030405060708";
  const pairs = [pair("a", `${long}9`), pair("a", `${long}8`), pair("b", "x10"), pair("b", "x9")];
  assert.deepEqual(await neighboursOf(pairs), {
    [`a/${long}9`]: `a/${long}8 -`,
    [`a/${long}8`]: `- a/${long}9`,
    "b/x10": "b/x9 -",
    "b/x9": "- b/x10",
  });
});

Deno.test("sequencePairs reads nothing before it is asked to", () => {
  sequencePairs([pair("a", "1"), pair("a", "2")], () => assert.fail("it is read"));
});

Deno.test("sequencesOf puts pairs together by the folder they are in, each with its neighbours", async () => {
  const pairs = [pair("a", "1"), pair("b", "1"), pair("a", "2"), pair("b/c", "1"), pair("a", "7")];
  const sequences = sequencesOf(pairs, () => Promise.resolve(flat(3)));
  assert.deepEqual(sequences.map(({ length }) => length), [3, 1, 1]);
  const known = sequences[0]?.map(({ previous, next }) => [previous !== undefined, next !== undefined]);
  assert.deepEqual(known, [[false, true], [true, false], [false, false]]);
  assert.deepEqual((await sequences[0]?.[1]?.previous?.())?.sharp, flat(3));
});
