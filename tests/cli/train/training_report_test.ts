import assert from "node:assert/strict";
import { openTrainingReport, type TrainingReportOptions } from "../../../src/cli/train/training_report.ts";

/** A report, and what it has printed. */
function open(isTerminal: boolean, options: Partial<TrainingReportOptions> = {}) {
  let printed = "";
  const io = {
    stdout: () => assert.fail("nothing goes to stdout"),
    stderr: (text: string) => void (printed += text),
    isTerminal,
    signal: new AbortController().signal,
  };
  const report = openTrainingReport(io, { config: { steps: 100 }, step: 0, seconds: 0, ...options });
  return { report, printed: () => printed };
}

const METRICS = { loss: 0.5, lossOfNothing: 1, rate: 1e-3 };

Deno.test("openTrainingReport: without a terminal, a line per minute, with the running mean of the loss", () => {
  const { report, printed } = open(false);
  using _ = report;
  report.step({ ...METRICS, step: 10, seconds: 30 });
  assert.equal(printed(), "");
  report.step({ ...METRICS, step: 20, seconds: 61 });
  report.step({ ...METRICS, loss: 1, step: 21, seconds: 62 });
  report.step({ ...METRICS, loss: 1, step: 40, seconds: 121.5 });
  assert.equal(
    printed(),
    "step 20 of 100: loss 0.500, 0.500 of the input's | 0.328 steps/s\n" +
      "step 40 of 100: loss 0.520, 0.520 of the input's | 0.329 steps/s\n",
  );
});

Deno.test("openTrainingReport: the number of steps of a run in minutes is estimated from its speed", () => {
  const { report, printed } = open(false, { minutes: 4, step: 50, seconds: 60 });
  using _ = report;
  report.step({ ...METRICS, step: 170, seconds: 120 });
  assert.match(printed(), /^step 170 of 410: .* \| 2\.00 steps\/s\n$/);
});

Deno.test("openTrainingReport: on a terminal a bar, and validations above it", () => {
  const { report, printed } = open(true);
  report.step({ ...METRICS, step: 10, seconds: 5 });
  report.validation(10, { gain: -0.126, sharp: 38.94, pictures: {} });
  report.step({ ...METRICS, step: 100, seconds: 50 });
  report[Symbol.dispose]();
  const line = "step 10: -0.13 dB over the blurry pictures; restored sharp pictures have 38.9 dB or more";
  assert.ok(printed().includes(`\r\x1b[K${line}\n`), printed());
  assert.match(
    printed(),
    /Training .* 100\/100 steps \| loss 0\.500, 0\.500 of the input's \| 2\.00 steps\/s \| time left/,
  );
});

Deno.test("openTrainingReport: the precision, the parts of a batch, and the times that decided", () => {
  const { report, printed } = open(false);
  using _ = report;
  report.precision({ precision: "float32", parts: 1 });
  report.precision({ precision: "bfloat16", parts: 5, timed: { bfloat16: 159.4, float32: 261 } });
  assert.equal(
    printed(),
    "Precision: float32\n" +
      "Precision: bfloat16, each batch in 5 parts to save memory (time of a step: bfloat16 159 ms, float32 261 ms)\n",
  );
});

Deno.test("openTrainingReport without a terminal or stream prints nothing", () => {
  using report = openTrainingReport(undefined, { config: { steps: 1 }, step: 0, seconds: 0 });
  report.precision({ precision: "float32", parts: 1 });
  report.step({ ...METRICS, step: 1, seconds: 100 });
  report.validation(1, { gain: 1, sharp: 40, pictures: {} });
});
