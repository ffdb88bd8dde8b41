import { UsageError } from "../errors.ts";

import { type Device, DEVICES, PRESETS, VIDEO_CODECS, type VideoCodec } from "../../mod.ts";
import { choiceFlag, numberFlag, parseFlags, timeFlag } from "./flags.ts";

export const DEBLUR_HELP = `Restore blurred videos and pictures

  deno task deblur INPUT... [-o FILE|DIR] [options]

INPUT is a video, a picture (PNG, JPEG, WebP, TIFF) or a folder; a folder of numbered pictures is one sequence.
clip.mp4 becomes clip.deblurred.mp4 beside it. Sound, subtitles, timing, rotation and colour stay as they are.

INPUT may be live too: /dev/video0, rtsp://, or MPEG-TS from udp:// or tcp://, with -o FILE. Its picture, without sound,
is recorded until it ends, for --duration, or until Ctrl-C, which completes the file (Ctrl-C again throws it away).
Frames that come while one is restored are dropped and counted. One that falls silent is given up 10 s after --duration.

  -o, --output FILE|DIR   Where to write; a folder for several inputs
  --preset NAME           Network to use: ${Object.keys(PRESETS).join(", ")}
                          (default fast-video for videos, which looks at the frames before and after too; else fast)
  --weights FILE          Weights to use instead of the shipped ones
  --device NAME           auto, ${Object.keys(DEVICES).join(", ")} (default auto)
  --start T, --duration T Part of a video, or how long to record: seconds or h:mm:ss
  --codec NAME            ${VIDEO_CODECS.join(", ")} (default: the input's)
  --crf N                 Quality, 0 (best) to 63 (default 18); not for ffv1, which is lossless
  --ffmpeg PROGRAM        Decode and encode videos with an ffmpeg of your own: its path, or auto (ffmpeg-static's, or the
                          one on PATH). Under deno task deblur:ffmpeg, which may run programs and has --ffmpeg auto
  --detail GAIN           Gain of the network's down branch: 0 smoother, 1 as trained (default), 2 crisper
  --everywhere            Restore what stands still in a video too. It is left as it is, since what hardly moves from
                          frame to frame is hardly smeared by movement
  --branches              Write blurry, down, up and result side by side instead
  --preview               Serve a page that shows the job in a browser
  --overwrite             Replace outputs that exist
  --keep-partial          Keep what a damaged input still gave, as NAME.partial.EXT
  --dry-run               Say what would be done, how long, in how much memory at least, whether the output is in the way
  --json                  Print one JSON object for each input on stdout
  --quiet                 No progress
`;

const FLAGS = {
  output: { type: "string", short: "o" },
  preset: { type: "string" },
  weights: { type: "string" },
  device: { type: "string" },
  start: { type: "string" },
  duration: { type: "string" },
  codec: { type: "string" },
  crf: { type: "string" },
  ffmpeg: { type: "string" },
  detail: { type: "string" },
  everywhere: { type: "boolean" },
  branches: { type: "boolean" },
  preview: { type: "boolean" },
  overwrite: { type: "boolean" },
  "keep-partial": { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What the user asked of `deno task deblur`. */
export interface DeblurFlags {
  readonly help: boolean;
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly preset?: string;
  readonly weights?: string;
  readonly device: Device | "auto";
  readonly media: { readonly start?: number; readonly duration?: number; readonly ffmpeg?: string };
  readonly video: { readonly codec?: VideoCodec; readonly crf?: number };
  readonly detail: number;
  readonly everywhere: boolean;
  readonly branches: boolean;
  readonly preview: boolean;
  readonly overwrite: boolean;
  readonly keepPartial: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** @throws {UsageError} naming the flag that is wrong and what was wanted. */
export function parseDeblurFlags(args: readonly string[]): DeblurFlags {
  const { values, positionals: inputs } = parseFlags(args, FLAGS);
  if (!values.help && inputs.length === 0) throw new UsageError("Nothing to deblur; wanted INPUT...");
  choiceFlag("--preset", values.preset, Object.keys(PRESETS));
  const devices = ["auto", ...Object.keys(DEVICES)] as (Device | "auto")[];
  const start = timeFlag("--start", values.start);
  const duration = timeFlag("--duration", values.duration);
  if (duration === 0) throw new UsageError('--duration is "0"; wanted more than nothing');
  const codec = choiceFlag("--codec", values.codec, VIDEO_CODECS);
  if (values.ffmpeg === "") throw new UsageError('--ffmpeg is ""; wanted a program, or auto');
  const crf = numberFlag("--crf", values.crf, "a number from 0 to 63", (n) => n >= 0 && n <= 63);
  return {
    help: values.help ?? false,
    inputs,
    ...(values.output !== undefined && { output: values.output }),
    ...(values.preset !== undefined && { preset: values.preset }),
    ...(values.weights !== undefined && { weights: values.weights }),
    device: choiceFlag("--device", values.device, devices) ?? "auto",
    media: {
      ...(start !== undefined && { start }),
      ...(duration !== undefined && { duration }),
      ...(values.ffmpeg !== undefined && { ffmpeg: values.ffmpeg }),
    },
    video: { ...(codec && { codec }), ...(crf !== undefined && { crf }) },
    detail: numberFlag("--detail", values.detail, "a number from 0 to 4", (n) => n >= 0 && n <= 4) ?? 1,
    everywhere: values.everywhere ?? false,
    branches: values.branches ?? false,
    preview: values.preview ?? false,
    overwrite: values.overwrite ?? false,
    keepPartial: values["keep-partial"] ?? false,
    dryRun: values["dry-run"] ?? false,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
  };
}
