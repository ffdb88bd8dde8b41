import { Codec, CodecContext, Dictionary, Log, Rational } from "node-av/lib";
import { AV_LOG_INFO, AV_LOG_QUIET, AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX264 } from "node-av/constants";
import type { WrittenCodec } from "../video_codecs.ts";

/** Threads of x265's pool: some of its decisions depend on whether they are many. */
const POOL = 4;

let capabilities: Promise<string> | undefined;

/**
 * Parameters, in an encoder's own words, with which the same frames give the same bytes every time. x264's code for AVX-512 does not:
 * measured on an EPYC with two seconds of the sample, 1280x720 and 4 threads, 8 runs in one process gave 4 different files, 60 runs
 * with the code for AVX2 (6 processes of 10) the same file within each process. Pictures of 320x180 came out equal either way.
 *
 * @param isAnywhere On machines with another number of processors too, not only on this one.
 */
export async function exactParameters(
  codec: WrittenCodec,
  isAnywhere: boolean,
): Promise<readonly string[]> {
  if (codec === "hevc") return isAnywhere ? [`pools=${POOL}`] : [];
  if (codec !== "h264") return [];
  return /AVX512/.test(await (capabilities ??= x264Capabilities())) ? ["asm=avx2"] : [];
}

/** What x264 can use of this processor. It says so in FFmpeg's log and nowhere else; Deno shows programs no processor. */
async function x264Capabilities(): Promise<string> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (codec === null) return "";
  const said: string[] = [];
  const trial = new CodecContext();
  Log.setCallback((_level, message) => said.push(message), { maxLevel: AV_LOG_INFO });
  Log.setLevel(AV_LOG_INFO);
  try {
    trial.allocContext3(codec);
    [trial.width, trial.height, trial.pixelFormat] = [128, 128, AV_PIX_FMT_YUV420P];
    trial.timeBase = new Rational(1, 25);
    trial.threadCount = 1;
    using options = Dictionary.fromObject({});
    await trial.open2(codec, options);
  } finally {
    Log.setLevel(AV_LOG_QUIET);
    trial.freeContext();
    Log.resetCallback();
  }
  return said.find((line) => line.includes("cpu capabilities")) ?? "";
}
