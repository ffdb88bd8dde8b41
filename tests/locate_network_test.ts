import assert from "node:assert/strict";
import { locateNetwork } from "../src/locate_network.ts";

Deno.test("locateNetwork: a path is left as it is", async () => {
  assert.deepEqual(await locateNetwork("nets/a.onnx"), { path: "nets/a.onnx", name: "nets/a.onnx" });
});

Deno.test("locateNetwork: a package without a model, and one that cannot be had, are refused by name", async () => {
  await assert.rejects(locateNetwork("npm:valibot@^1.0.0"), {
    name: "WeightsError",
    message: /^npm:valibot@.*: .* no model\.json/,
  });
  const wrong = "npm:@mtdn/is not a name";
  await assert.rejects(
    locateNetwork(wrong),
    (error) => error instanceof Error && error.message.startsWith(wrong),
  );
});
