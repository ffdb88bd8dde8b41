import { UsageError } from "../../errors.ts";
import {
  type DeviceChoice,
  PRESETS,
  type Region,
  type Verification,
  VERIFICATIONS,
  VIDEO_CODECS,
  type VideoCodec,
} from "../../../mod.ts";
import { deviceFlag, deviceHelp } from "../device_flag.ts";
import { choiceFlag, invalidFlag, numberFlag, parseFlags, sizeFlag, timeFlag } from "../flags.ts";

/** What `deno task deblur --help` prints. */
export const DEBLUR_HELP = `Restore motion-blurred videos and pictures

  deno task deblur INPUT... [-o FILE|DIR] [options]

INPUT is a video, a picture (PNG, JPEG, WebP, TIFF) or a folder of them; a folder of numbered pictures is one sequence.
clip.mp4 becomes clip.deblurred.mp4 beside it. Sound, subtitles, timing, rotation and colour are kept.

INPUT may also be live: a camera (/dev/video0), rtsp://, or MPEG-TS over udp:// or tcp://, recorded to -o FILE without
sound until it ends, for --duration, or until Ctrl-C, which completes the file (a second Ctrl-C discards it). Frames that
arrive while another is being restored are dropped and counted. A stream that sends nothing is given up 10 s after
--duration.

  -o, --output FILE|DIR   Where to write; a folder for several inputs
  --recursive             Take what is in folders of a folder too
  --preset NAME           Network: ${Object.keys(PRESETS).join(", ")}
                          (default fast-video for videos, which looks at the frames before and after too; else fast)
  --weights FILE          Weights to use instead of the shipped ones
  --device NAME           What runs the network (default auto):
${deviceHelp(26)}
  --start T, --duration T Part of a video, or how long to record: seconds or h:mm:ss
  --crop X,Y,W,H          The only part of the picture to restore and write, in pixels of the picture as displayed
  --codec NAME            Video codec: ${VIDEO_CODECS.join(", ")} (default: the input's)
  --crf N                 Video quality, 0 (best) to 63 (default 18); not for ffv1, which is lossless
  --ffmpeg PROGRAM        Decode and encode videos with another ffmpeg: its path, or auto (the one of ffmpeg-static, or
                          on PATH). Needs deno task deblur:ffmpeg, which may run programs and has --ffmpeg auto
  --detail GAIN           Gain of the network's down branch: 0 smoother, 1 as trained (default), up to 4 crisper
  --memory SIZE           Memory to keep to: 2G, 800M (default: three quarters of what is free). Large frames are restored in
                          tiles; what cannot fit is refused before any work
  --everywhere            Restore motionless parts of a video too. Without this flag they are copied from the input,
                          because what does not move is not blurred by motion
  --branches              Write input, down branch, up branch and result side by side instead
  --preview               Show the job in a browser, at the address printed
  --overwrite             Replace outputs that exist
  --verify off|streams|decode
                          Check of a finished video against its input: frames, streams, times, languages and tags (streams,
                          the default), or decode it too. One that differs is kept as NAME.failed-check.EXT, and the run fails
  --keep-partial          Keep what can be decoded of a damaged input, as NAME.partial.EXT
  --dry-run               Print what would be done, in how much time and memory, and whether an output exists already
  --json                  Print one JSON object for each input on stdout
  --quiet                 Print errors only
`;

const FLAGS = {
  output: { type: "string", short: "o" },
  recursive: { type: "boolean" },
  preset: { type: "string" },
  weights: { type: "string" },
  device: { type: "string" },
  start: { type: "string" },
  duration: { type: "string" },
  crop: { type: "string" },
  codec: { type: "string" },
  crf: { type: "string" },
  ffmpeg: { type: "string" },
  detail: { type: "string" },
  memory: { type: "string" },
  verify: { type: "string" },
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

/** The command line of `deno task deblur`. */
export interface DeblurFlags {
  readonly help: boolean;
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly recursive: boolean;
  readonly preset?: string;
  readonly weights?: string;
  readonly device: DeviceChoice;
  readonly media: { readonly start?: number; readonly duration?: number; readonly ffmpeg?: string };
  readonly crop?: Region;
  readonly video: { readonly codec?: VideoCodec; readonly crf?: number; readonly verify?: Verification };
  /** Bytes. */
  readonly memory?: number;
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

/** @throws {UsageError} naming the flag that is not valid. */
export function parseDeblurFlags(args: readonly string[]): DeblurFlags {
  const { values, positionals: inputs } = parseFlags(args, FLAGS);
  if (!values.help && inputs.length === 0) {
    throw new UsageError("Nothing to deblur: give at least one INPUT. Use --help to see what it can be");
  }
  choiceFlag("--preset", values.preset, Object.keys(PRESETS));
  const start = timeFlag("--start", values.start);
  const duration = timeFlag("--duration", values.duration);
  if (duration === 0) throw invalidFlag("--duration", values.duration ?? "", "a time above 0");
  const crop = cropFlag(values.crop);
  const codec = choiceFlag("--codec", values.codec, VIDEO_CODECS);
  if (values.ffmpeg === "") throw invalidFlag("--ffmpeg", "", "the path of a program, or auto");
  const verify = choiceFlag("--verify", values.verify, VERIFICATIONS);
  const memory = sizeFlag("--memory", values.memory);
  const crf = numberFlag("--crf", values.crf, "a number from 0 to 63", (n) => n >= 0 && n <= 63);
  return {
    help: values.help ?? false,
    inputs,
    ...(values.output !== undefined && { output: values.output }),
    recursive: values.recursive ?? false,
    ...(values.preset !== undefined && { preset: values.preset }),
    ...(values.weights !== undefined && { weights: values.weights }),
    device: deviceFlag(values.device),
    media: {
      ...(start !== undefined && { start }),
      ...(duration !== undefined && { duration }),
      ...(values.ffmpeg !== undefined && { ffmpeg: values.ffmpeg }),
    },
    ...(crop !== undefined && { crop }),
    video: { ...(codec && { codec }), ...(crf !== undefined && { crf }), ...(verify && { verify }) },
    ...(memory !== undefined && { memory }),
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

function cropFlag(text: string | undefined): Region | undefined {
  if (text === undefined) return undefined;
  const [x, y, width, height] = /^(\d+),(\d+),(\d+),(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  if (x === undefined || y === undefined || !width || !height) {
    throw invalidFlag("--crop", text, "x,y,width,height in whole pixels, such as 0,0,640,360");
  }
  return { x, y, width, height };
}
