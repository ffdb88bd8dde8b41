import assert from "node:assert/strict";
import { type Clock, Player } from "../../../src/server/sources/player.ts";
import { type FakeClip, fakeSource } from "../../helpers/preview/fake_media.ts";
import { memorySource, ramp } from "../../helpers/memory_media.ts";

const CLIP: FakeClip = { width: 8, height: 4, frames: 100, frameRate: 25 };

/** A clock that moves only when a test moves it, or when the player waits. */
class FakeClock implements Clock {
  at = 0;
  now = () => this.at;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds < 10_000) {
      this.at += milliseconds;
      return Promise.resolve();
    }
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
}

function playerOf(clip: Partial<FakeClip> = {}) {
  const clock = new FakeClock();
  const decoded: number[] = [];
  const opened: ReturnType<typeof fakeSource>[] = [];
  const whole = { ...CLIP, onDecode: (index: number) => decoded.push(index), ...clip };
  const player = new Player({
    clock,
    isJudged: false,
    open: (range) => {
      const source = fakeSource(whole, range);
      opened.push(source);
      return Promise.resolve(source);
    },
  });
  return { player, clock, decoded, opened };
}

Deno.test("Player shows the first frame, paused, and decodes nothing more", async () => {
  const { player, decoded } = playerOf();
  assert.equal((await player.next()).index, 0);
  assert.deepEqual([player.state, decoded], ["paused", [0]]);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player gives every frame to a viewer who keeps up", async () => {
  const { player, clock } = playerOf();
  await player.next();
  player.play();
  const indices = [];
  for (let i = 0; i < 10; i++) {
    indices.push((await player.next()).index);
    clock.at += 5;
  }
  assert.deepEqual(indices, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(player.skipped, 0);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player skips what was due while a slow viewer was busy, and counts it", async () => {
  const { player, clock } = playerOf();
  await player.next();
  player.play();
  assert.equal((await player.next()).index, 1);
  clock.at += 400; // Ten frames' time.
  assert.equal((await player.next()).index, 11);
  assert.equal(player.skipped, 9);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player shows the last frame however late, then ends, and plays again from the start", async () => {
  const { player, clock } = playerOf({ frames: 12 });
  await player.next();
  player.play();
  await player.next();
  clock.at += 60_000;
  assert.equal((await player.next()).index, 11);
  const waiting = player.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(player.state, "ended");
  player.play();
  assert.equal((await waiting).index, 0);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player.seek shows exactly the frame of that time, from anywhere", async () => {
  const { player } = playerOf();
  await player.next();
  for (const frame of [50, 3, 99, 0, 42, 41]) {
    for (const offset of [0, 0.5, 0.7]) {
      player.seek((frame + offset) / 25);
      assert.equal((await player.next()).index, frame, `${frame} + ${offset}`);
    }
  }
  player.seek(1e6);
  assert.equal((await player.next()).index, 99, "past the end is the last frame");
  assert.equal(player.state, "paused");
  await player[Symbol.asyncDispose]();
});

Deno.test("Player.step goes one frame either way and stops at both ends", async () => {
  const { player } = playerOf({ frames: 4 });
  await player.next();
  const indices = [];
  for (const by of [1, 1, 1, -1, -1, -1, -1, 1] as const) {
    player.step(by);
    indices.push((await player.next()).index);
  }
  assert.deepEqual(indices, [1, 2, 3, 2, 1, 0, 0, 1]);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player.repeat gives the paused frame again without decoding", async () => {
  const { player, decoded } = playerOf();
  const first = await player.next();
  const waiting = player.next();
  player.repeat();
  assert.equal(await waiting, first);
  assert.deepEqual(decoded, [0]);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player closes every source it opened, and ends a call that waits", async () => {
  const { player, opened } = playerOf();
  await player.next();
  player.seek(2);
  await player.next();
  const waiting = player.next();
  await Promise.resolve();
  const ended = assert.rejects(waiting, { name: "AbortError" });
  await player[Symbol.asyncDispose]();
  await ended;
  assert.ok(opened.length >= 2);
  assert.ok(opened.every(({ isDisposed }) => isDisposed));
});

Deno.test("Player hands on what is wrong with a source, and goes on after a seek away from it", async () => {
  const { player } = playerOf({ breaksAt: 1 });
  await player.next();
  player.step(1);
  await assert.rejects(player.next(), /damaged here/);
  player.seek(2);
  assert.equal((await player.next()).index, 50);
  await player[Symbol.asyncDispose]();
});

Deno.test("Player ends a source without a frame, and waits quietly", async () => {
  const { player } = playerOf({ frames: 0 });
  const waiting = player.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(player.state, "ended");
  const ended = assert.rejects(waiting, { name: "AbortError" });
  await player[Symbol.asyncDispose]();
  await ended;
});

Deno.test("Player plays a truncated video as far as it can be decoded, and ends there", async () => {
  const open = () => Promise.resolve(memorySource(ramp(3), { damage: "The file is truncated" }));
  await using player = new Player({ open, isJudged: false, clock: new FakeClock() });
  player.play();
  for (const index of [0, 1, 2]) assert.equal((await player.next()).frame.pts, BigInt(index));
  const next = player.next();
  next.catch(() => {}); // waits for something to be asked for, until the player is disposed
  while (player.state === "playing") await new Promise((resolve) => setTimeout(resolve));
  assert.equal(player.state, "ended");
});

/** A player of three frames, whose end is found only once `end` is called. */
function playerWithHeldEnd() {
  const held = Promise.withResolvers<void>();
  const atEnd = Promise.withResolvers<void>();
  const flush = async () => {
    atEnd.resolve();
    await held.promise;
  };
  const open = (range: { readonly start: number }) => {
    const source = fakeSource({ ...CLIP, frames: 3 }, range);
    const frames = source.frames.pipeThrough(new TransformStream({ flush }, undefined, { highWaterMark: 0 }));
    return Promise.resolve({ info: source.info, frames, [Symbol.asyncDispose]: () => Promise.resolve() });
  };
  const player = new Player({ clock: new FakeClock(), isJudged: false, open });
  return { player, atEnd: atEnd.promise, end: held.resolve };
}

Deno.test("Player: what is asked for while the end is being found out comes first: a seek, and another loop", async () => {
  for (const state of ["playing", "rendering"] as const) {
    const { player, atEnd, end } = playerWithHeldEnd();
    player.restrict({ start: 0, end: 1 });
    if (state === "playing") player.play();
    else player.loop(true);
    for (const index of [0, 1, 2]) assert.equal((await player.next()).index, index);
    const next = player.next();
    await atEnd;
    if (state === "playing") player.seek(0);
    else player.loop(true);
    end();
    assert.equal((await next).index, 0);
    assert.equal(player.state, state);
    assert.equal((await player.next()).index, 1, "it goes on");
    await player[Symbol.asyncDispose]();
  }
});
