import assert from "node:assert/strict";
import { describeReport, type JobReport, reportAsJson } from "../../../src/cli/deblur/job_report.ts";
import { PRESETS } from "../../../src/model/config.ts";
import { brighten, fakeEngine } from "../../helpers/fake_engine.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const REPORT = {
  frames: 1,
  stillShare: 0,
  width: 48,
  height: 32,
  seconds: 2,
  framesPerSecond: 0.5,
  notes: ["a note"],
};

const job: JobReport = {
  input: "rtsp://camera/1",
  output: "out.mp4",
  report: REPORT,
  engine: fakeEngine(brighten(0)),
  weights: randomWeights(PRESETS.smoke),
};

Deno.test("describeReport, reportAsJson: what stood still is told", () => {
  const still = { ...job, report: { ...REPORT, frames: 9, stillShare: 0.424, notes: [] } };
  const told = "out.mp4: 9 frames of 48x32, 0.50 frames/s; 42 % stood still and was left as it is\n";
  assert.equal(describeReport(still), told);
  assert.equal(JSON.parse(reportAsJson(still)).stillShare, 0.424);
});

Deno.test("describeReport, reportAsJson: what a live source dropped, and that it fell silent, are told", () => {
  const plain = "out.mp4: 1 frame of 48x32, 0.50 frames/s";
  assert.equal(describeReport(job), `${plain}; a note\n`);
  const silence = "The stream fell silent before --duration was over";
  const silent: JobReport = { ...job, live: { dropped: 7, fellSilent: true } };
  const dropped = "7 more came too fast and were dropped";
  assert.equal(describeReport(silent), `${plain}; ${dropped}; a note; ${silence}\n`);
  const told = JSON.parse(reportAsJson(silent));
  assert.deepEqual([told.dropped, told.notes], [7, ["a note", silence]]);
  assert.equal(JSON.parse(reportAsJson(job)).dropped, undefined);
});
