import assert from "node:assert/strict";
import type { ServerMessage } from "../../../src/server/protocol.ts";
import type { PreviewFrame } from "../../../src/server/sources/playback.ts";
import { WorkSigns } from "../../../src/server/viewers/work_signs.ts";
import { previewFrame } from "../../helpers/preview/preview_frame.ts";

function signs(delayMs = 0) {
  const sent: ServerMessage[] = [];
  const shown: { frame: PreviewFrame; isOver: () => boolean }[] = [];
  const { promise: isShown, resolve } = Promise.withResolvers<void>();
  const made = new WorkSigns({
    send: (message) => sent.push(message),
    sendBlurry: (frame, isOver) => {
      shown.push({ frame, isOver });
      resolve();
      return Promise.resolve();
    },
    delayMs: () => delayMs,
  });
  return { made, sent, shown, isShown };
}

Deno.test("WorkSigns shows the blurry picture of a frame that takes a while, and how far it is", async () => {
  const { made, sent, shown, isShown } = signs();
  const frame = previewFrame(1);
  const restoring = made.begin(() => frame);
  restoring.progress(0.25);
  await isShown;
  assert.deepEqual([sent, shown.map(({ frame }) => frame)], [[{ type: "work", share: 0.25 }], [frame]]);
  assert.equal(shown[0]?.isOver(), false);
  restoring[Symbol.dispose]();
  assert.equal(shown[0]?.isOver(), true, "what is still being encoded comes too late");
  restoring.progress(1);
  assert.equal(sent.length, 1);
});

Deno.test("WorkSigns says nothing of a frame that is done soon", async () => {
  const { made, sent, shown } = signs(5);
  made.begin(() => previewFrame(1))[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([sent, shown], [[], []]);
});

Deno.test("WorkSigns says nothing more of a frame whose source the viewer has left", async () => {
  const { made, sent, shown, isShown } = signs();
  let isLeft = false;
  const restoring = made.begin(() => previewFrame(1), () => isLeft);
  await isShown;
  isLeft = true;
  assert.equal(shown[0]?.isOver(), true);
  await new Promise((resolve) => setTimeout(resolve, 250)); // progress is said at most every 200 ms
  restoring.progress(0.5);
  made.begin(() => previewFrame(2), () => isLeft);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([sent.length, shown.length], [1, 1]);
});
