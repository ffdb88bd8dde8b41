import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PRESETS } from "../../../src/model/network/config.ts";
import { parseWeights } from "../../../src/model/weights/weights.ts";
import { tuneOn } from "../../../src/train/tune/tune_on.ts";
import { writeShakyClip } from "../../helpers/shaky_clip.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const DEVICES = { device: "javascript", engine: "cpu" } as const;

Deno.test("tuneOn trains weights on a clip's sharp moments and says what that gained", async () => {
  await using folder = await temporaryFolder();
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 5 });
  const weights = await writeSmokeWeights(folder.file("w.safetensors"), PRESETS["smoke-video"]);
  const parts = new Set<string>();
  const tuned = await tuneOn(clip, {
    ...{ ...DEVICES, weights, minutes: 0.05 },
    onProgress: (part) => parts.add(part),
  });
  assert.deepEqual([...parts], ["survey", "measure", "train"]);
  assert.equal(tuned.moments, 5);
  // Random weights ruin a picture: whatever they learn is better.
  assert.ok((tuned.after ?? NaN) > (tuned.before ?? NaN));
  assert.equal(tuned.reason, undefined);
  assert.ok(tuned.weights);
  const { provenance, preset, bytes } = tuned.weights;
  assert.equal(preset, "smoke-video");
  assert.equal(provenance.tunedOn, createHash("sha256").update(await readFile(clip)).digest("hex"));
  assert.equal(provenance.init, createHash("sha256").update(await readFile(weights)).digest("hex"));
  assert.deepEqual(parseWeights(bytes, "bytes").tensors, tuned.weights.tensors);
});

Deno.test("tuneOn says when a clip has too few sharp moments, and trains nothing", async () => {
  await using folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("w.safetensors"));
  for (
    const [pauses, reason] of [[0, "it has no sharp moments"], [4, "it has only 4 sharp moments"]] as const
  ) {
    const clip = await writeShakyClip(folder.file(`${pauses}.y4m`), { pauses });
    assert.deepEqual(await tuneOn(clip, { ...DEVICES, weights, minutes: 0.01 }), {
      moments: pauses,
      reason: `${reason}, and 5 are needed`,
    });
  }
});

Deno.test("tuneOn refuses a time that is none, and ends with the signal's reason", async () => {
  await using folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("w.safetensors"));
  const clip = await writeShakyClip(folder.file("clip.y4m"), { pauses: 5 });
  for (const minutes of [0, -1, NaN, Infinity]) {
    await assert.rejects(tuneOn(clip, { ...DEVICES, weights, minutes }), /Cannot tune for/);
  }
  const stop = new AbortController();
  const reason = new Error("enough");
  const tuning = tuneOn(clip, {
    ...{ ...DEVICES, weights, minutes: 60, signal: stop.signal },
    onProgress: (part) => part === "train" && stop.abort(reason),
  });
  await assert.rejects(tuning, reason);
});
