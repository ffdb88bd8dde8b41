import assert from "node:assert/strict";
import { channelsFlag } from "../../src/cli/channels_flag.ts";

Deno.test("channelsFlag: an order of colours, for a network that is named", () => {
  assert.equal(channelsFlag("bgr", "net.onnx"), "bgr");
  assert.equal(channelsFlag(undefined, undefined), undefined);
  assert.throws(() => channelsFlag("rbg", "net.onnx"), /expected rgb or bgr/);
  assert.throws(() => channelsFlag("bgr", undefined), /does nothing without --weights/);
});
