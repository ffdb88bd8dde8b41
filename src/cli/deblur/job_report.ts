import { messageOf } from "../../errors.ts";
import {
  type DeblurReport,
  type Engine,
  type ExternalNetwork,
  type LiveSource,
  shownAddress,
  type Weights,
} from "../../../mod.ts";
import type { Job } from "./find_jobs.ts";
import { counted } from "../format_text.ts";
import type { TunedNetworks } from "./tune_networks.ts";

/** A finished job. */
export interface JobReport {
  readonly input: string;
  /** Where the result is: under its final name, or as partial. */
  readonly output: string;
  readonly report: DeblurReport;
  /** What restored it: the name of its device, or "workers". */
  readonly engine: { readonly device: string; readonly notes?: Engine["notes"] };
  readonly weights: Weights | ExternalNetwork;
  /** What restored frames that have no neighbour. */
  readonly alone?: Weights;
  /** What tuning on the clip gained. */
  readonly tuning?: TunedNetworks["tuning"];
  /** How a live source ended. */
  readonly live?: Pick<LiveSource, "dropped" | "fellSilent">;
}

function notesOf({ report, live }: JobReport): readonly string[] {
  return live?.fellSilent
    ? [...report.notes, "The stream stopped sending before --duration was over"]
    : report.notes;
}

/** The report as one line of text. */
export function describeReport(job: JobReport): string {
  const { output, report: { frames, stillShare, width, height, framesPerSecond, precision }, live } = job;
  const size = `${counted(frames, "frame")} of ${width}x${height}`;
  const dropped = live?.dropped ? [`${live.dropped} more arrived too fast and were dropped`] : [];
  const percent = Math.round(100 * stillShare);
  const still = percent > 0 ? [`${percent} % was motionless and kept as it was`] : [];
  const parts = [
    `${output}: ${size}, ${framesPerSecond.toFixed(2)} frames/s`,
    ...(precision === "int8" ? ["computed with int8"] : []),
    ...still,
    ...dropped,
    ...notesOf(job),
  ];
  return `${parts.join("; ")}\n`;
}

/** The report as one line of JSON. */
export function reportAsJson(job: JobReport): string {
  const { input, output, report, engine, weights, alone, tuning, live } = job;
  const fileOf = ({ path, sha256 }: JobReport["weights"]) => ({ file: path, sha256 });
  const { frames, stillShare, width, height, seconds, framesPerSecond, precision, damage } = report;
  const notes = [...engine.notes ?? [], ...notesOf(job)];
  return `${
    JSON.stringify({
      input,
      output,
      frames,
      stillShare,
      width,
      height,
      seconds,
      framesPerSecond,
      ...(live && { dropped: live.dropped }),
      device: engine.device,
      precision,
      preset: "config" in weights ? weights.preset ?? null : null,
      weights: fileOf(weights),
      ...(alone && { alone: fileOf(alone) }),
      ...(tuning && { tuning }),
      ...(notes.length > 0 && { notes }),
      ...(damage !== undefined && { damage }),
    })
  }\n`;
}

/** What became of an input that could not be restored, as one line of JSON. */
export function failureAsJson({ input, ...job }: Pick<Job, "input"> & Partial<Job>, error: unknown): string {
  return `${JSON.stringify({ input: shownAddress(input), ...job, error: messageOf(error) })}\n`;
}
