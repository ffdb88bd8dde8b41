import assert from "node:assert/strict";
import { decodeFrameMessage, type FrameMessage } from "../../../static/frame_message.js";
import { FrameSender } from "../../../src/server/viewers/frame_sender.ts";
import { Metrics } from "../../../src/server/viewers/metrics.ts";
import { previewFrame } from "../../helpers/preview/preview_frame.ts";

function senderTo() {
  const sent: FrameMessage[] = [];
  const connection = {
    bufferedAmount: 0,
    send: (message: string | Uint8Array<ArrayBuffer>) => {
      if (typeof message !== "string") sent.push(decodeFrameMessage(message.buffer));
    },
  };
  return { sent, connection, sender: new FrameSender(connection, new Metrics()) };
}

const fail = (error: unknown) => assert.fail(String(error));

Deno.test("FrameSender sends frames in order, numbered, though a large one takes longer to encode", async () => {
  const { sender, sent } = senderTo();
  await sender.send(previewFrame(1, { width: 2000, height: 1500 }), fail);
  await sender.send(previewFrame(2), fail);
  await sender.settled();
  assert.deepEqual(sent.map(({ sequence, index, stage }) => [sequence, index, stage]), [
    [0, 1, "restored"],
    [1, 2, "restored"],
  ]);
  assert.deepEqual(sent[0]?.parts.map(({ kind, format }) => [kind, format]), [
    ["blurry", "image/jpeg"],
    ["result", "image/jpeg"],
  ]);
});

Deno.test("FrameSender reports a frame that cannot be encoded, and sends the next", async () => {
  const { sender, sent } = senderTo();
  const errors: unknown[] = [];
  const short = { data: new Uint8Array(3), width: 8, height: 4 };
  const outside = previewFrame(1, { pictures: [{ kind: "result", picture: short }] });
  await sender.send(outside, (error) => errors.push(error));
  await sender.send(previewFrame(2), fail);
  await sender.settled();
  assert.equal(errors.length, 1);
  assert.deepEqual(sent.map(({ index }) => index), [2]);
});

Deno.test("FrameSender tells a frame how long encoding took", async () => {
  const { sender } = senderTo();
  const times: number[] = [];
  await sender.send(previewFrame(1, { onEncoded: (milliseconds) => times.push(milliseconds) }), fail);
  await sender.settled();
  assert.ok(times.length === 1 && (times[0] ?? 0) > 0);
});

Deno.test("FrameSender saves without loss, once the connection has drained, and gives up when it closes", async () => {
  const { sender, sent, connection } = senderTo();
  const looks: number[] = [];
  Object.defineProperty(connection, "bufferedAmount", {
    get: () => (looks.push(sent.length), looks.length < 3 ? 1 : 0),
  });
  await sender.save(previewFrame(1));
  assert.deepEqual(looks, [0, 0, 0]); // it looked until the connection had drained, and sent nothing before
  assert.deepEqual([sent[0]?.stage, sent[0]?.parts[0]?.format], ["saved", "image/png"]);
  looks.length = 0;
  const givenUp = assert.rejects(sender.save(previewFrame(2)), { name: "AbortError" });
  sender.close();
  await givenUp;
});

Deno.test("FrameSender sends a blurry picture outside the credits, and none that comes too late or would wait", async () => {
  const { sender, sent, connection } = senderTo();
  await sender.sendBlurry(previewFrame(1), () => false);
  await sender.send(previewFrame(1), fail);
  await sender.sendBlurry(previewFrame(2), () => true);
  connection.bufferedAmount = 1;
  await sender.sendBlurry(previewFrame(3), () => false);
  await sender.settled();
  assert.deepEqual(sent.map(({ index, stage, sequence }) => [index, stage, sequence]), [
    [1, "blurry", 0],
    [1, "restored", 0],
  ]);
});
