import fc from "fast-check";
import assert from "node:assert/strict";
import { type ClientMessage, parseClientMessage } from "../../src/server/protocol.ts";

const GOOD: readonly ClientMessage[] = [
  { type: "open", source: "0123abcd", seconds: 1.5 },
  { type: "credit", frames: 2, painted: 7 },
  { type: "play" },
  { type: "pause" },
  { type: "seek", seconds: 0 },
  { type: "step", frames: -1 },
  { type: "settings", preset: "fast", device: "cpu", detail: 1.5, branches: true, region: null },
  { type: "settings", region: { x: 0, y: 0, width: 10, height: 10 } },
  { type: "save" },
  { type: "ping" },
];

Deno.test("parseClientMessage takes every message of the protocol", () => {
  for (const message of GOOD) assert.deepEqual(parseClientMessage(JSON.stringify(message)), message);
});

Deno.test("parseClientMessage refuses what the protocol does not name", () => {
  const bad = [
    "",
    "play",
    "null",
    "[]",
    "1",
    `{"type":"exec"}`,
    `{"type":"play","args":["-i","/etc/passwd"]}`,
    `{"type":"open","source":"../../etc/passwd"}`,
    `{"type":"open","source":"clip","path":"/etc/passwd"}`,
    `{"type":"credit","frames":1000000}`,
    `{"type":"credit","frames":0.5}`,
    `{"type":"seek","seconds":-1}`,
    `{"type":"seek","seconds":1e999}`,
    `{"type":"step","frames":5}`,
    `{"type":"settings","detail":99}`,
    `{"type":"settings","detail":"1"}`,
    `{"type":"settings","preset":"a b"}`,
    `{"type":"settings","region":{"x":0,"y":0,"width":1e6,"height":1}}`,
    `{"type":"settings","__proto__":{"branches":true}}`,
  ];
  for (const text of bad) assert.throws(() => parseClientMessage(text), TypeError, text);
});

Deno.test("parseClientMessage throws nothing but TypeError, whatever it is given", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    try {
      assert.ok(GOOD.some(({ type }) => type === parseClientMessage(text).type));
    } catch (error) {
      assert.ok(error instanceof TypeError);
      assert.ok(error.message.length <= 300);
    }
  }));
});
