import assert from "node:assert/strict";
import { PRECISIONS } from "../../src/model/engine/engine.ts";
import { parseRecord, type SegmentRecord } from "../../src/jobs/segment_record.ts";

Deno.test("parseRecord: reads a record that is whole, and nothing else", () => {
  const record: SegmentRecord = {
    ...{ job: "a".repeat(64), index: 1, sha256: "b".repeat(64) },
    ...{ frames: 3, width: 48, height: 32, stillShare: 0.5, precision: "float32", notes: ["a note"] },
  };
  const text = JSON.stringify(record);
  assert.deepEqual(parseRecord(text), record);
  for (let length = 0; length < text.length; length++) {
    assert.equal(parseRecord(text.slice(0, length)), undefined);
  }
  for (const precision of Object.keys(PRECISIONS).filter((name) => name !== "auto")) {
    assert.equal(parseRecord(JSON.stringify({ ...record, precision }))?.precision, precision);
  }
  assert.equal(parseRecord(JSON.stringify({ ...record, stillShare: 2 })), undefined);
  assert.equal(parseRecord(JSON.stringify({ ...record, sha256: "../../etc" })), undefined);
  assert.deepEqual(parseRecord(JSON.stringify({ ...record, notes: ["\x1b[2Jgone"] }))?.notes, ["?[2Jgone"]);
});
