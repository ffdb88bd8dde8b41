import assert from "node:assert/strict";
import { describeReport, type JobReport, reportAsJson } from "../../../src/cli/deblur/job_report.ts";
import type { DeblurReport } from "../../../src/deblur.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { brighten, fakeEngine } from "../../helpers/fake_engine.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const REPORT: DeblurReport = {
  frames: 1,
  stillShare: 0,
  width: 48,
  height: 32,
  seconds: 2,
  framesPerSecond: 0.5,
  precision: "float32",
  notes: ["a note"],
};

const job: JobReport = {
  input: "rtsp://camera/1",
  output: "out.mp4",
  report: REPORT,
  engine: fakeEngine(brighten(0)),
  weights: randomWeights(PRESETS.smoke),
};

Deno.test("describeReport, reportAsJson: the motionless share is reported", () => {
  const still = { ...job, report: { ...REPORT, frames: 9, stillShare: 0.424, notes: [] } };
  const text = "out.mp4: 9 frames of 48x32, 0.50 frames/s; 42 % was motionless and kept as it was\n";
  assert.equal(describeReport(still), text);
  assert.equal(JSON.parse(reportAsJson(still)).stillShare, 0.424);
});

Deno.test("describeReport, reportAsJson: what was not computed with float32 is reported", () => {
  for (const precision of ["int8", "float16"] as const) {
    const rounded: JobReport = { ...job, report: { ...REPORT, precision, notes: [] } };
    const text = `out.mp4: 1 frame of 48x32, 0.50 frames/s; computed with ${precision}\n`;
    assert.equal(describeReport(rounded), text);
    assert.equal(JSON.parse(reportAsJson(rounded)).precision, precision);
  }
  assert.equal(JSON.parse(reportAsJson(job)).precision, "float32");
});

Deno.test("describeReport, reportAsJson: what a live source dropped, and that it stopped sending, is reported", () => {
  const plain = "out.mp4: 1 frame of 48x32, 0.50 frames/s";
  assert.equal(describeReport(job), `${plain}; a note\n`);
  const silence = "The stream stopped sending before --duration was over";
  const silent: JobReport = { ...job, live: { dropped: 7, fellSilent: true } };
  const dropped = "7 more arrived too fast and were dropped";
  assert.equal(describeReport(silent), `${plain}; ${dropped}; a note; ${silence}\n`);
  const json = JSON.parse(reportAsJson(silent));
  assert.deepEqual([json.dropped, json.notes], [7, ["a note", silence]]);
  assert.equal(JSON.parse(reportAsJson(job)).dropped, undefined);
});
