import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { parseSafetensors, serializeSafetensors } from "../../../src/model/weights/safetensors.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../../src/train/run/checkpoint.ts";
import type { TrainConfig } from "../../../src/train/config.ts";
import { createRandom } from "../../../src/train/random.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { TINY } from "../../helpers/tiny_training.ts";

const { tensors: SPECS } = describeNetwork(TINY.network);

function checkpoint(step: number): Checkpoint {
  const filled = (key: string) =>
    new Map(SPECS.map(({ name, shape }) => {
      const random = createRandom(step, key, name);
      const length = shape.reduce((product, side) => product * side, 1);
      return [name, Float32Array.from({ length }, () => random() - 0.5)];
    }));
  const [m, v] = [filled("m"), filled("v")];
  const moments = new Map(SPECS.map(({ name }) => {
    const [first = new Float32Array(), second = new Float32Array()] = [m.get(name), v.get(name)];
    return [name, { m: first, v: second }];
  }));
  return {
    config: TINY,
    seed: 3,
    step,
    crops: 7 * step,
    seconds: 12.5,
    weights: filled("w"),
    average: filled("a"),
    moments,
  };
}

Deno.test("writeCheckpoint and readCheckpoint give back every value, and replace the checkpoint before", async () => {
  await using folder = await temporaryFolder();
  const directory = folder.file("run");
  for (const step of [1, 2]) {
    await writeCheckpoint(directory, checkpoint(step));
    assert.deepEqual(await readCheckpoint(directory), checkpoint(step));
  }
});

Deno.test("writeCheckpoint overwrites its part file of a killed run, and keeps the checkpoint if it cannot write", async () => {
  await using folder = await temporaryFolder();
  await writeCheckpoint(folder.path, checkpoint(1));
  await writeFile(folder.file("checkpoint.safetensors.part"), "half a check");
  await writeCheckpoint(folder.path, checkpoint(2));
  assert.deepEqual(await readdir(folder.path), ["checkpoint.safetensors"]);
  await mkdir(folder.file("checkpoint.safetensors.part"));
  await assert.rejects(writeCheckpoint(folder.path, checkpoint(3)), { name: "MediaError" });
  assert.deepEqual(await readCheckpoint(folder.path), checkpoint(2));
});

Deno.test("readCheckpoint computes crops that an earlier version did not record, and reads the training of initial weights", async () => {
  await using folder = await temporaryFolder();
  const { crops: _, ...old } = checkpoint(5);
  await writeCheckpoint(folder.path, old as Checkpoint);
  assert.equal((await readCheckpoint(folder.path)).crops, 5 * TINY.batch);
  const later = { ...checkpoint(5), init: "5a", earlier: { steps: 60, crops: 240 } };
  await writeCheckpoint(folder.path, later);
  assert.deepEqual(await readCheckpoint(folder.path), later);
  await writeCheckpoint(folder.path, { ...later, crops: 0.5 });
  await assert.rejects(readCheckpoint(folder.path), { name: "WeightsError", message: /crops is 0\.5/ });
});

Deno.test("readCheckpoint reads the length of a run in minutes, and refuses one that is not valid", async () => {
  await using folder = await temporaryFolder();
  await writeCheckpoint(folder.path, { ...checkpoint(1), minutes: 2.5 });
  assert.equal((await readCheckpoint(folder.path)).minutes, 2.5);
  await writeCheckpoint(folder.path, { ...checkpoint(1), minutes: -1 });
  await assert.rejects(readCheckpoint(folder.path), {
    name: "WeightsError",
    message: /minutes is -1, not a number above 0/,
  });
});

Deno.test("readCheckpoint says that there is no checkpoint", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(readCheckpoint(folder.path), {
    name: "WeightsError",
    message: /There is no checkpoint to resume/,
  });
});

Deno.test("readCheckpoint refuses a run of an earlier version, naming a setting that it lacks", async () => {
  await using folder = await temporaryFolder();
  const { sampleUses: _, ...config } = TINY;
  await writeCheckpoint(folder.path, { ...checkpoint(1), config: config as TrainConfig });
  await assert.rejects(readCheckpoint(folder.path), {
    name: "WeightsError",
    message:
      /This checkpoint cannot be used: Invalid value undefined for sampleUses: expected a whole number/,
  });
});

Deno.test("readCheckpoint reads how steps were computed", async () => {
  await using folder = await temporaryFolder();
  const chosen = { ...checkpoint(5), precision: "bfloat16", parts: 5 } as const;
  await writeCheckpoint(folder.path, chosen);
  assert.deepEqual(await readCheckpoint(folder.path), chosen);
});

Deno.test("readCheckpoint refuses a damaged checkpoint, truncated or changed anywhere, and says what is wrong", async () => {
  await using folder = await temporaryFolder();
  await writeCheckpoint(folder.path, checkpoint(1));
  const path = folder.file("checkpoint.safetensors");
  const whole = await readFile(path);
  for (const length of [0, 7, 100, whole.length >> 1, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, length));
    await assert.rejects(readCheckpoint(folder.path), { name: "WeightsError", path });
  }
  await writeFile(path, whole);
  const { tensors, metadata } = parseSafetensors(whole, path);
  const training = JSON.parse(metadata.training ?? "");
  const write = (changed: Record<string, string>, kept = tensors) =>
    writeFile(path, serializeSafetensors(kept, changed));
  for (
    const [changed, message] of [
      [{}, /no "training"/],
      [{ training: "{" }, /This checkpoint cannot be used/],
      [{ training: "{}" }, /This checkpoint cannot be used/],
      [{ training: JSON.stringify({ ...training, step: "many" }) }, /step is many/],
      [{ training: JSON.stringify({ ...training, config: { ...TINY, batch: 0 } }) }, /0 for batch/],
      [
        {
          training: JSON.stringify({
            ...training,
            config: { ...TINY, network: { ...TINY.network, channels: [4, 7] } },
          }),
        },
        /"weights\/encoder\.1.*" is \[.*\], not \[/,
      ],
    ] as const
  ) {
    await write(changed);
    await assert.rejects(readCheckpoint(folder.path), { name: "WeightsError", message });
  }
  await write(metadata, new Map([...tensors].filter(([name]) => !name.startsWith("average/up"))));
  await assert.rejects(readCheckpoint(folder.path), { name: "WeightsError", message: /weights are missing/ });
});

Deno.test("writeCheckpoint keeps the last checkpoint when the new one cannot be written", async () => {
  await using folder = await temporaryFolder();
  await writeCheckpoint(folder.path, checkpoint(1));
  await Deno.mkdir(folder.file("checkpoint.safetensors.part")); // writing beside it fails
  await assert.rejects(writeCheckpoint(folder.path, checkpoint(2)));
  assert.equal((await readCheckpoint(folder.path)).step, 1);
});
