import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { WeightsError } from "../../../src/errors.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { serializeSafetensors, type TensorData } from "../../../src/model/weights/safetensors.ts";
import { parseWeights, presetOf, readWeights, serializeWeights } from "../../../src/model/weights/weights.ts";
import { randomWeights } from "../../helpers/random_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const SMOKE = randomWeights(PRESETS.smoke);

function refuses(bytes: Uint8Array, message: RegExp, tensor?: string): void {
  assert.throws(() => parseWeights(bytes, "w.safetensors"), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.equal(error.path, "w.safetensors");
    assert.equal(error.tensor, tensor);
    assert.match(error.message, message);
    return true;
  });
}

/** The smoke weights with one change, and any config. */
function changed(
  change: (tensors: Map<string, TensorData>) => void,
  config: unknown = PRESETS.smoke,
): Uint8Array {
  const tensors = new Map(SMOKE.tensors);
  change(tensors);
  return serializeSafetensors(tensors, { config: JSON.stringify(config) });
}

Deno.test("readWeights: reads back what serializeWeights wrote, with preset, provenance and checksum", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("smoke.safetensors");
  const { config, tensors } = SMOKE;
  const bytes = serializeWeights({ config, tensors, provenance: { steps: "12", data: "none" } });
  await writeFile(path, bytes);
  const weights = await readWeights(path);
  assert.deepEqual(weights, {
    path,
    config: PRESETS.smoke,
    preset: "smoke",
    provenance: { steps: "12", data: "none" },
    tensors: SMOKE.tensors,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  assert.deepEqual([...weights.tensors.keys()], describeNetwork(config).tensors.map(({ name }) => name));
});

Deno.test("readWeights: a missing file is a WeightsError that names it", async () => {
  await assert.rejects(readWeights("no/such.safetensors"), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.equal(error.message, "no/such.safetensors: no such weights file");
    return true;
  });
});

Deno.test("presetOf: names a config whatever the order of its fields, and no other", () => {
  for (const [name, config] of Object.entries(PRESETS)) {
    assert.equal(presetOf({ ...config }), name);
    const { channels, ...rest } = config;
    assert.equal(presetOf({ ...rest, channels }), name);
  }
  assert.equal(presetOf({ ...PRESETS.fast, residualBlocks: 9 }), undefined);
});

Deno.test("parseWeights: refuses tensors that are not those of the config", () => {
  const first = "encoder.0.conv.bias";
  const { shape, data } = SMOKE.tensors.get(first) ?? { shape: [], data: new Float32Array() };
  const broken = data.slice();
  broken[3] = NaN;
  refuses(changed((t) => t.delete(first)), /tensor "encoder.0.conv.bias" is missing/, first);
  refuses(
    changed((t) => t.set("extra", { shape: [1], data: Float32Array.of(1) })),
    /"extra" is not part/,
    "extra",
  );
  refuses(changed((t) => t.set(first, { shape: [3, 4], data })), /has shape \[3,4\], not \[12\]/, first);
  refuses(changed((t) => t.set(first, { shape, data: broken })), /has the value NaN at index 3/, first);
  refuses(
    changed(() => {}, PRESETS.fast),
    /has shape \[7,7,6,12\], not \[7,7,6,96\]/,
    "encoder.0.conv.weight",
  );
});

Deno.test("parseWeights: refuses a config that is missing, not JSON, or no network", () => {
  refuses(serializeSafetensors(SMOKE.tensors), /metadata have no "config"/);
  refuses(serializeSafetensors(SMOKE.tensors, { config: "{" }), /unusable "config"/);
  refuses(changed(() => {}, null), /it is not a JSON object/);
  refuses(changed(() => {}, 7), /it is not a JSON object/);
  refuses(changed(() => {}, {}), /channels must be/);
  refuses(changed(() => {}, { ...PRESETS.smoke, scales: 99 }), /scales must be/);
  refuses(changed(() => {}, { ...PRESETS.smoke, dilation: 2 }), /unknown field "dilation"/);
});

Deno.test("serializeWeights: does not write what parseWeights would refuse", () => {
  const { config, tensors } = SMOKE;
  const without = new Map([...tensors].slice(1));
  assert.throws(() => serializeWeights({ config, tensors: without }), WeightsError);
  assert.throws(() => serializeWeights({ config: { ...config, scales: 0 }, tensors }), RangeError);
});
