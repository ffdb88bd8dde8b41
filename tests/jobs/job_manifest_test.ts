import assert from "node:assert/strict";
import {
  findChanges,
  jobDigest,
  type JobManifest,
  parseManifest,
  serializeManifest,
} from "../../src/jobs/job_manifest.ts";
import { exampleCalibration } from "../helpers/example_calibration.ts";
import { exampleManifest } from "../helpers/segment_job.ts";

Deno.test("parseManifest: reads what serializeManifest wrote, and the job keeps its digest", () => {
  const manifest = exampleManifest();
  const read = parseManifest(serializeManifest(manifest));
  assert.deepEqual(read, manifest);
  assert.equal(jobDigest(read), jobDigest(manifest));
  assert.notEqual(jobDigest(exampleManifest({ memory: 2 ** 31 })), jobDigest(manifest));
});

Deno.test("parseManifest: notices every change of a number, and what is no manifest", () => {
  const text = serializeManifest(exampleManifest());
  for (const { index } of text.matchAll(/\d/g)) {
    const changed = `${text.slice(0, index)}${(Number(text[index]) + 1) % 10}${text.slice(index + 1)}`;
    assert.throws(() => parseManifest(changed), `byte ${index} was changed`);
  }
  for (const other of ["", "{}", "[]", "null", text.slice(0, -10), text.replace('"memory"', '"money"')]) {
    assert.throws(() => parseManifest(other), Error);
  }
  const future = text.replace('"format": 5', '"format": 99');
  assert.throws(() => parseManifest(future), { message: "another version wrote it" });
});

Deno.test("findChanges: says in words what another run would do otherwise", () => {
  const manifest = exampleManifest();
  const changes = (now: Partial<JobManifest>) => findChanges(manifest, { ...manifest, ...now });
  const { input, settings } = manifest;
  assert.deepEqual(changes({}), []);
  assert.deepEqual(changes({ input: { ...input, size: 999 } }), ["the input had 1000 bytes, and has 999"]);
  assert.deepEqual(changes({ input: { ...input, ends: "c".repeat(64) } }), ["the input has another content"]);
  assert.deepEqual(changes({ input: { ...input, changed: 5 } }), ["the input was changed in the meantime"]);
  assert.deepEqual(changes({ weights: ["c".repeat(64)] }), ["it was restored with other weights"]);
  assert.deepEqual(changes({ settings: { ...settings, crf: 20, detail: 2 } }), [
    "detail was 1, and is 2",
    "crf was not given, and is 20",
  ]);
  const cropped = { ...settings, crop: { x: 0, y: 2, width: 64, height: 48 } };
  assert.deepEqual(changes({ settings: cropped }), ["crop was not given, and is 0,2,64,48"]);
  assert.deepEqual(
    findChanges({ ...manifest, settings: cropped }, { ...manifest, settings: { ...cropped } }),
    [],
  );
  assert.deepEqual(changes({ versions: { "node-av": "6.2.0" } }), ["node-av was 6.1.1, and is 6.2.0"]);
  assert.deepEqual(changes({ memory: 2 ** 29 }), ["--memory was 1073741824 bytes, and is 536870912"]);
  const { memory: _, ...unlimited } = manifest;
  assert.deepEqual(findChanges(manifest, unlimited), [], "the memory that is free now does not matter");
});

Deno.test("findChanges: a job keeps its precision unless another one is asked for, and with int8 its calibrations", () => {
  const calibrations = [exampleCalibration()];
  const { settings, ...others } = exampleManifest();
  const { precision: _, ...unasked } = settings;
  const begun = exampleManifest({ settings: { ...settings, precision: "int8" }, calibrations });
  assert.deepEqual(findChanges(begun, { ...others, settings: unasked, calibrations }), []);
  assert.deepEqual(findChanges(begun, { ...others, settings, calibrations }), [
    "precision was int8, and is float32",
  ]);
  const other = [exampleCalibration({ shift: [0, 0, 0.001] })];
  for (const calibrations of [other, [], undefined]) {
    assert.deepEqual(findChanges(begun, { ...others, settings: unasked, calibrations }), [
      "its weights had other calibrations",
    ]);
  }
  const exact = exampleManifest();
  assert.deepEqual(findChanges(exact, { ...others, settings: unasked, calibrations }), []);
});

Deno.test("parseManifest: a job in int8 has its calibrations with it, and they are checked", () => {
  const { settings } = exampleManifest();
  const calibrations = [exampleCalibration()];
  const manifest = exampleManifest({ settings: { ...settings, precision: "int8" }, calibrations });
  const text = serializeManifest(manifest);
  assert.deepEqual(parseManifest(text), manifest);
  assert.throws(() => parseManifest(text.replace('"shift"', '"lift"')), {
    message: "manifest.calibrations.0 is not valid",
  });
});
