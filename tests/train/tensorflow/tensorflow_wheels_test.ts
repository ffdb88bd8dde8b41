import assert from "node:assert/strict";
import { requirements, tensorFlowWheels } from "../../../src/train/tensorflow/tensorflow_wheels.ts";

for (const gpu of [false, true]) {
  Deno.test(`tensorFlowWheels(${gpu}): TensorFlow first, every file with its version and hash`, () => {
    const wheels = tensorFlowWheels(gpu);
    assert.match(wheels[0]?.name ?? "", /^tensorflow/);
    assert.equal(new Set(wheels.map(({ sha256 }) => sha256)).size, wheels.length);
    for (const { version, sha256 } of wheels) {
      assert.match(version, /^[\d.]+$/);
      assert.match(sha256, /^[0-9a-f]{64}$/);
    }
  });
}

Deno.test("requirements: a line per wheel, as pip's --require-hashes reads it", () => {
  const wheels = [{ name: "a", version: "1.2", sha256: "00" }, { name: "b", version: "3", sha256: "ff" }];
  assert.equal(requirements(wheels), "a==1.2 --hash=sha256:00\nb==3 --hash=sha256:ff\n");
});
