import assert from "node:assert/strict";
import type { Frame, Picture } from "../src/frame.ts";
import { type JudgedFrame, judgeFrames, type JudgeFramesOptions } from "../src/judge_frames.ts";
import { memorySource } from "./helpers/memory_media.ts";
import { renderScene } from "./helpers/smooth_scene.ts";

const SIZE = { width: 64, height: 48 };

/** Scenes by their names: one letter one scene. */
const scenes = new Map(
  [..."ABCDEFGH"].map((name, i) => [name, renderScene({ ...SIZE, dx: 20 * i, dy: 9 * i })]),
);

interface Step {
  readonly name: string;
  /** @default {the place in the clip} */
  readonly pts?: number;
  readonly picture?: Picture;
}

function clip(steps: readonly Step[]): (i: number) => Frame | undefined {
  return (i) => {
    const step = steps[i];
    const picture = step?.picture ?? scenes.get(step?.name ?? "");
    return picture && { ...picture, data: picture.data.slice(), pts: BigInt(step?.pts ?? i), duration: 1n };
  };
}

/** Which scene a picture shows. */
function nameOf(picture: Picture | undefined): string {
  if (picture === undefined) return "-";
  const found = [...scenes].find(([, { data }]) => picture.data.every((value, i) => value === data[i]));
  return found?.[0] ?? "?";
}

async function judge(steps: readonly Step[], options: JudgeFramesOptions = {}): Promise<JudgedFrame[]> {
  const stage = judgeFrames({ neighbours: true, ...options });
  return await Array.fromAsync(memorySource(clip(steps)).frames.pipeThrough(stage));
}

/** "previous frame next" of each frame, by the names of the scenes. */
async function around(frames: string | readonly Step[], options: JudgeFramesOptions = {}): Promise<string> {
  const steps = typeof frames === "string" ? [...frames].map((name) => ({ name })) : frames;
  const judged = await judge(steps, options);
  return judged.map(({ frame, neighbours: { previous, next } }) =>
    nameOf(previous) + nameOf(frame) + nameOf(next)
  ).join(" ");
}

Deno.test("judgeFrames: each frame gets the ones beside it, the first and the last one less", async () => {
  assert.equal(await around("ABCD"), "-AB ABC BCD CD-");
  assert.equal(await around("AB"), "-AB AB-");
  assert.equal(await around("A"), "-A-");
  assert.equal(await around(""), "");
  assert.equal(await around("ABCD", { neighbours: false }), "-A- -B- -C- -D-");
});

Deno.test("judgeFrames: neighbours come with what is restored everywhere too", async () => {
  const judged = await judge([..."AABC"].map((name) => ({ name })), { everywhere: true });
  for (const { strength } of judged) assert.deepEqual([...strength.values], [1]);
  assert.equal(await around("ABC", { everywhere: true }), "-AB ABC BC-");
});

Deno.test("judgeFrames: a repeated frame is no neighbour; all of a run get those of the run", async () => {
  assert.equal(await around("ABBC"), "-AB ABC ABC BC-");
  assert.equal(await around("AABBBCC"), "-AB -AB ABC ABC ABC BC- BC-");
  assert.equal(await around("ABCDDEFGHH"), "-AB ABC BCD CDE CDE DEF EFG FGH GH- GH-");
});

Deno.test("judgeFrames: of a run too long to be held back none gets a next one, and no more than that wait", async () => {
  assert.equal(await around("ABBBBC"), "-AB AB- AB- AB- AB- BC-");
  const { readable, writable } = judgeFrames({ neighbours: true });
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const given: JudgedFrame[] = [];
  const reading = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) given.push(next.value);
  })();
  const waiting: number[] = [];
  for (let i = 0; i < 12; i++) {
    const frame = clip([..."ABBBBBBBBBCD"].map((name) => ({ name })))(i);
    assert.ok(frame);
    await writer.write(frame);
    await new Promise((resolve) => setTimeout(resolve, 1));
    waiting.push(i + 1 - given.length);
  }
  await writer.close();
  await reading;
  assert.deepEqual(given.map(({ frame }) => Number(frame.pts)), [...Array(12).keys()]);
  assert.ok(Math.max(...waiting) <= 4, String(waiting));
});

Deno.test("judgeFrames: what is more than twice as far away as usual is no neighbour", async () => {
  const at = (...times: number[]) => times.map((pts, i) => ({ name: "ABCDEFGH"[i] ?? "", pts }));
  assert.equal(await around(at(0, 10, 20, 30), { frameInterval: 10 }), "-AB ABC BCD CD-");
  assert.equal(await around(at(0, 10, 30, 40), { frameInterval: 10 }), "-AB ABC BCD CD-", "one is missing");
  assert.equal(await around(at(0, 10, 40, 50), { frameInterval: 10 }), "-AB AB- -CD CD-", "two are");
  assert.equal(await around(at(0, 30, 60, 90), { frameInterval: 10 }), "-A- -B- -C- -D-");
  assert.equal(await around(at(0, 30, 60, 90)), "-AB ABC BCD CD-", "nothing says what is usual");
  assert.equal(await around(at(0, 10, 40, 50)), "-AB AB- -CD CD-", "the other side does");
  const repeated = [0, 1, 2, 3, 4, 5].map((pts, i) => ({ name: "ABBBCD"[i] ?? "", pts: 10 * pts }));
  assert.equal(
    await around(repeated, { frameInterval: 10 }),
    "-AB ABC ABC ABC BCD CD-",
    "repetitions are no gap",
  );
});

Deno.test("judgeFrames: frames of another size or depth are no neighbours", async () => {
  const small = renderScene({ width: 32, height: 48 });
  const { data, ...size } = renderScene({ ...SIZE, dx: 60 });
  const deep = { ...size, data: Uint16Array.from(data, (value) => 257 * value) };
  const steps: Step[] = [{ name: "A" }, { name: "B" }, { name: "", picture: small }, { name: "C" }, {
    name: "D",
  }];
  assert.equal(await around(steps), "-AB AB- -?- -CD CD-");
  assert.equal(await around(steps.with(2, { name: "", picture: deep })), "-AB AB- -?- -CD CD-");
});

Deno.test("judgeFrames: the neighbours are copies, each freed when the last frame that needs it has released it", async () => {
  const judged = await judge([..."ABBCDDDDDE"].map((name) => ({ name })));
  const pictures = new Set(judged.flatMap(({ neighbours }) => Object.values(neighbours) as Picture[]));
  for (const { frame } of judged) {
    for (const { data } of pictures) assert.notEqual(data.buffer, frame.data.buffer);
  }
  const isFreed = ({ data }: Picture) => data.buffer.detached;
  for (const [i, { neighbours, release }] of judged.entries()) {
    for (const neighbour of Object.values(neighbours)) {
      assert.ok(!isFreed(neighbour), `frame ${i} needs it still`);
    }
    release();
    release(); // counts once
    const needed = new Set(judged.slice(i + 1).flatMap(({ neighbours }) => Object.values(neighbours)));
    const held = [...pictures].filter((picture) => !isFreed(picture));
    assert.deepEqual(held.map(nameOf), [...pictures].filter((picture) => needed.has(picture)).map(nameOf));
  }
});
