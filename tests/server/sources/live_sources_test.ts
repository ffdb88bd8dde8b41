import assert from "node:assert/strict";
import type { Frame, FrameSource } from "../../../src/frame.ts";
import { LiveSources } from "../../../src/server/sources/live_sources.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";
import { CLIP, contextOf, SETTINGS } from "../../helpers/preview/fake_server.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A stream whose frames a test pushes. */
function camera() {
  const opened: { source: FrameSource; isDisposed: boolean; push(index: number): void; end(): void }[] = [];
  const open = () => {
    const { info } = fakeSource({ ...CLIP, kind: "live" });
    let controller: ReadableStreamDefaultController<Frame>;
    const frames = new ReadableStream<Frame>({ start: (given) => void (controller = given) });
    const one = {
      isDisposed: false,
      source: {
        info,
        frames,
        [Symbol.asyncDispose]: () => {
          one.isDisposed = true;
          return Promise.resolve();
        },
      },
      push: (index: number) => {
        const data = new Uint8Array(CLIP.width * CLIP.height * 3).fill(index);
        controller.enqueue({
          data,
          width: CLIP.width,
          height: CLIP.height,
          pts: BigInt(index),
          duration: 1n,
        });
      },
      end: () => controller.close(),
    };
    opened.push(one);
    return Promise.resolve(one.source);
  };
  return { opened, open };
}

Deno.test("LiveSources opens the stream once for all viewers, and closes it behind the last", async () => {
  const { opened, open } = camera();
  const sources = new LiveSources("camera", open);
  const [one, two] = [await sources.open("live", contextOf()), await sources.open("live", contextOf())];
  assert.deepEqual([opened.length, one.description.canSeek, one.state], [1, false, "playing"]);
  const shots = [one.next(() => SETTINGS), two.next(() => SETTINGS)];
  await turn();
  opened[0]?.push(7);
  assert.deepEqual((await Promise.all(shots)).map(({ index }) => index), [0, 0]);
  await one[Symbol.asyncDispose]();
  assert.equal(opened[0]?.isDisposed, false);
  await two[Symbol.asyncDispose]();
  assert.equal(opened[0]?.isDisposed, true);
  const again = await sources.open("live", contextOf());
  assert.equal(opened.length, 2);
  await again[Symbol.asyncDispose]();
});

Deno.test("LiveSources opens the stream once for viewers who come at the same time", async () => {
  const { opened, open } = camera();
  const sources = new LiveSources("camera", open);
  const playbacks = await Promise.all([1, 2, 3].map(() => sources.open("live", contextOf())));
  assert.equal(opened.length, 1);
  for (const playback of playbacks) await playback[Symbol.asyncDispose]();
  assert.equal(opened[0]?.isDisposed, true);
});

Deno.test("LiveSources tries once when viewers come at the same time, all get the error, and the next tries again", async () => {
  const { opened, open } = camera();
  let tries = 0;
  const sources = new LiveSources("camera", async () => {
    await turn();
    if (++tries === 1) throw new Error("the camera is busy");
    return await open();
  });
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => sources.open("live", contextOf())));
  assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  assert.equal(tries, 1);
  const playback = await sources.open("live", contextOf());
  assert.deepEqual([tries, opened.length], [2, 1]);
  await playback[Symbol.asyncDispose]();
});

Deno.test("LiveSources drops what nobody waited for: a slow viewer gets new frames, never late ones", async () => {
  const { opened, open } = camera();
  const sources = new LiveSources("camera", open);
  const playback = await sources.open("live", contextOf());
  const first = playback.next(() => SETTINGS);
  await turn();
  opened[0]?.push(0);
  await first;
  for (let index = 1; index <= 20; index++) opened[0]?.push(index);
  await turn();
  const next = playback.next(() => SETTINGS);
  await turn();
  opened[0]?.push(21);
  assert.equal((await next).index, 21);
  assert.equal(playback.skipped, 20);
  await playback[Symbol.asyncDispose]();
});

Deno.test("LiveSources ends when the stream does, and a viewer who comes then opens it again", async () => {
  const { opened, open } = camera();
  const sources = new LiveSources("camera", open);
  const states: string[] = [];
  const playback = await sources.open("live", { ...contextOf(), onState: () => states.push(playback.state) });
  const waiting = playback.next(() => SETTINGS);
  const ended = assert.rejects(waiting, { name: "AbortError" });
  await turn();
  opened[0]?.end();
  await turn();
  assert.deepEqual(states, ["ended"]);
  const other = await sources.open("live", contextOf());
  assert.equal(opened.length, 2);
  await playback[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await ended;
});

Deno.test("LiveSources shows no password of an address", () => {
  const sources = new LiveSources("camera", () => Promise.reject(new Error("no")));
  assert.equal(sources.explain(new Error("rtsp://me:secret@host/x: refused")), "rtsp://host/x: refused");
});
