import assert from "node:assert/strict";
import { ConnectedViewer, type ViewerLimits } from "../../../src/server/viewers/connected_viewer.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";

/** A viewer on a socket that records what happens to it. */
function viewerOn(limits: ViewerLimits = {}) {
  const context = fakeServer();
  const socket = {
    bufferedAmount: 0,
    sent: [] as string[],
    closedWith: [] as number[],
    send: (message: string | Uint8Array) => void socket.sent.push(String(message)),
    close: (code: number) => void socket.closedWith.push(code),
  };
  const endings: Promise<void>[] = [];
  const viewer = new ConnectedViewer(context, socket, limits, (ending) => endings.push(ending));
  return { context, socket, viewer, endings };
}

Deno.test("ConnectedViewer greets an opened socket, and answers its messages", async () => {
  const { viewer, socket, endings } = viewerOn();
  viewer.opened();
  viewer.received(`{"type":"ping"}`);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(socket.sent.map((text) => JSON.parse(text).type).sort(), ["hello", "pong"]);
  viewer.closed();
  await Promise.all(endings);
});

Deno.test("ConnectedViewer ends its session once, whoever closes the socket, and takes nothing afterwards", async () => {
  const { viewer, socket, endings, context } = viewerOn();
  viewer.close(4503, "shutting down");
  viewer.closed();
  viewer.received(`{"type":"ping"}`);
  await Promise.all(endings);
  assert.deepEqual([endings.length, socket.closedWith, socket.sent, context.metrics.closures], [
    1,
    [4503],
    [],
    0,
  ]);
});

Deno.test("ConnectedViewer says what is wrong with a message, and disconnects after too many", async () => {
  const { viewer, socket, endings, context } = viewerOn({ malformed: 2 });
  for (let i = 0; i < 3; i++) viewer.received("{");
  await Promise.all(endings);
  assert.deepEqual([socket.sent.length, socket.closedWith, context.metrics.refusals], [2, [4400], 2]);
  assert.match(socket.sent[0] ?? "", /Malformed message: it is not JSON/);
});

Deno.test("ConnectedViewer disconnects a viewer whose socket takes nothing more", async () => {
  const { viewer, socket, endings } = viewerOn();
  socket.bufferedAmount = 9 * 2 ** 20;
  viewer.received(`{"type":"ping"}`);
  await Promise.all(endings);
  assert.deepEqual([socket.sent, socket.closedWith], [[], [4409]]);
});
