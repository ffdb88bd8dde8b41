import { UsageError } from "../../errors.ts";
import { locateNetwork } from "../../locate_network.ts";
import {
  type Engine,
  openEngine,
  type Picture,
  readNetwork,
  shippedPresets,
  shippedWeights,
} from "../../../mod.ts";
import type { BlurKind } from "../../train/data/pair_files.ts";
import type { EvaluatePairsOptions, Evaluation } from "../../train/evaluate/evaluate.ts";
import { BLUR_MEANING, blurFlag } from "../blur_flag.ts";
import type { CommandIo } from "../command_io.ts";
import { channelsFlag } from "../channels_flag.ts";
import { deviceFlag, deviceHelp, precisionFlag, precisionHelp } from "../device_flag.ts";
import { asUsage, choiceFlag, parseFlags } from "../flags.ts";
import { counted } from "../format_text.ts";
import { openProgressBar } from "../progress_bar.ts";
import { evaluationTable, TABLE_1, TABLE_2 } from "./evaluation_table.ts";

/** What `deno task evaluate --help` prints. */
const EVALUATE_HELP = `PSNR and SSIM of a network on pairs of blurry and sharp pictures

  deno task evaluate DIR [options]

DIR contains SEQUENCE/{blur,blur_gamma,sharp}/NAME.png like the GoPro dataset, or blur/ and sharp/, as PNG or lossless WebP.
All pictures are decoded before the first is restored, so that missing or damaged ones are reported at once.
The PSNR of equal pictures counts as 100 dB, and no PSNR counts more; SSIM is at most 1.

Pictures whose names are numbered one after the other are a sequence. A network of three frames gets their neighbours, a shipped one
also the help of fast where one is missing, as by deno task deblur, and is compared with itself without them (alone) and with fast. Flicker
is the mean absolute difference of a picture and the one before, moved onto it as the sharp ones move.

  --preset NAME             The network: one with shipped weights (default fast)
  --weights FILE            Weights to use instead of the shipped ones, or a network of another project (see deno task deblur)
  --channels rgb|bgr        Order of the colours in another project's network (default rgb)
  --device NAME             What runs it (default auto):
${deviceHelp(28)}
  --precision NAME          What it computes with (default auto):
${precisionHelp(28)}
  --blur blur|blur_gamma    Blurry pictures to use: plain means of frames, or means in linear light (default blur)
  --koehler                 DIR is Köhler's benchmark: blur/NAME.png, and the frames along its camera trajectory in
                            sharp/NAME/*.png. Each picture is aligned with each frame; its best score counts.
                            Blurry1_1.png (image 1, trajectory 1) goes to blur/, the frames of image 1 along trajectory 1
                            to sharp/Blurry1_1/, under any names
  --json                    Print {pictures: [...], mean: {...}} instead of tables
`;

const FLAGS = {
  preset: { type: "string" },
  weights: { type: "string" },
  channels: { type: "string" },
  device: { type: "string" },
  precision: { type: "string" },
  blur: { type: "string" },
  koehler: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * `deno task evaluate`: see {@linkcode EVALUATE_HELP}.
 *
 * @param open Opens the engine. @default {openEngine}
 * @returns The exit code.
 * @throws {UsageError} naming the flag that is not valid.
 * @throws {MediaError} naming a picture that cannot be used; {WeightsError}; {EngineError}.
 */
export async function evaluateCommand(
  args: readonly string[],
  io: CommandIo,
  open: typeof openEngine = openEngine,
): Promise<number> {
  const { values: flags, positionals } = parseFlags(args, FLAGS);
  if (flags.help === true) {
    io.stdout(EVALUATE_HELP);
    return 0;
  }
  const [directory, ...more] = positionals;
  if (directory === undefined) {
    throw new UsageError("Nothing to evaluate on: give a DIR with pairs of pictures");
  }
  if (more.length > 0) throw new UsageError(`Unexpected argument "${more[0]}": give one DIR`);
  const device = deviceFlag(flags.device);
  const precision = precisionFlag(flags.precision);
  const blur = blurFlag(flags.blur);
  if (flags.koehler === true && blur !== undefined) {
    throw new UsageError("--blur does nothing with --koehler. Leave it out");
  }

  if (flags.preset !== undefined && flags.weights !== undefined) {
    throw new UsageError("--preset does nothing with --weights. Leave one of them out");
  }
  const preset = choiceFlag("--preset", flags.preset, shippedPresets()) ?? "fast";
  const channels = channelsFlag(flags.channels, flags.weights);
  const { path, name } = await locateNetwork(flags.weights ?? shippedWeights(preset));
  const weights = await asUsage(() => readNetwork(path, { name, ...(channels && { channels }) }));
  const job = flags.koehler === true
    ? await koehlerJob(directory)
    : await pairsJob(directory, blur ?? "blur");
  if (flags.json !== true) io.stderr(`${job.description}\n`);
  const setting = { device, precision, signal: io.signal };
  const spare = shippedWeights("fast");
  const isHelped = flags.weights === undefined && flags.koehler !== true && isOfThree(weights); // as deblur does
  await using engine = await open({ weights, ...(isHelped && { alone: spare }), ...setting });
  for (const note of engine.notes ?? []) io.stderr(`${note}\n`);
  const by = { device: engine.device, precision: engine.precision ?? "float32" };
  if (flags.json !== true) io.stderr(`computed on ${by.device} with ${by.precision}\n`);
  const isCompared = engine.frames === 3 && flags.koehler !== true;
  await using fast = isCompared ? await open({ weights: spare, ...setting }) : undefined;
  await using unhelped = isHelped ? await open({ weights, ...setting }) : undefined;
  const alone = { run: (picture: Picture) => (unhelped ?? engine).run(picture) };
  const evaluation = await watch(job, engine, fast ? { alone, fast } : {}, io);
  io.stdout(
    flags.json === true
      ? `${JSON.stringify({ ...by, ...evaluation })}\n`
      : evaluationTable(evaluation, flags.koehler === true ? TABLE_2 : TABLE_1),
  );
  return 0;
}

function isOfThree(weights: Awaited<ReturnType<typeof readNetwork>>): boolean {
  return "config" in weights && weights.config.frames === 3;
}

/** Runs a job under a progress bar, which is finished when this resolves. */
async function watch(job: Job, engine: Engine, others: Others, io: CommandIo): Promise<Evaluation> {
  using bar = openProgressBar(io, "Evaluating", "pictures");
  return await job.run(engine, {
    signal: io.signal,
    others,
    onPicture: ({ gain }, done) => bar.update(done, job.count, `${gain < 0 ? "" : "+"}${gain.toFixed(2)} dB`),
  });
}

interface Job {
  readonly count: number;
  readonly description: string;
  run(engine: Engine, options: EvaluatePairsOptions): Promise<Evaluation>;
}

type Others = NonNullable<EvaluatePairsOptions["others"]>;

async function pairsJob(directory: string, blur: BlurKind): Promise<Job> {
  const { listPairs } = await import("../../train/data/pair_files.ts");
  const { evaluate } = await import("../../train/evaluate/evaluate.ts");
  const pairs = await listPairs(directory, { blur, decode: true });
  return {
    count: pairs.length,
    description: `${counted(pairs.length, "pair")}; blurry pictures from ${blur}/ (${BLUR_MEANING[blur]})`,
    run: (engine, options) => evaluate(engine, pairs, options),
  };
}

async function koehlerJob(directory: string): Promise<Job> {
  const { listTrajectories } = await import("../../train/evaluate/koehler.ts");
  const { evaluateTrajectories } = await import("../../train/evaluate/evaluate.ts");
  const trajectories = await listTrajectories(directory, { decode: true });
  const references = trajectories.reduce((sum, { references }) => sum + references.length, 0);
  return {
    count: trajectories.length,
    description: `${counted(trajectories.length, "picture")} against ${
      counted(references, "frame")
    } of their trajectories`,
    run: (engine, options) => evaluateTrajectories(engine, trajectories, options),
  };
}
