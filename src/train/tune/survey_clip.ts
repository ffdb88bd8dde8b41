import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePicture, type Picture } from "../../frame.ts";
import { blockFlow, flowPyramid, type Pyramid } from "../../motion/block_flow.ts";
import { mismatch, OTHER_SCENE } from "../../motion/mismatch.ts";
import { moveOnto } from "../../motion/move_onto.ts";
import { type Plane, reducePicture } from "../../motion/plane.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { writeWhole } from "../../part_file.ts";
import { encodePng } from "../data/picture_file.ts";
import { noiseOf, sharpnessOf } from "./sharpness.ts";

/** Frames that are measured: all, or of a longer clip this many parts of this many frames, evenly spread. */
const [PARTS, PART] = [30, 50];
/** A sharp moment moves at most so far from frame to frame, pixels: the median over the picture. */
const STILL = 2;
/** A sharp moment has at least this share of the sharpness of the sharpest frame within this many seconds: later ones show something else. */
const [SHARP, SECONDS] = [0.9, 0.3];
/** Of consecutive sharp frames one in this many is used, because adjacent ones show the same. */
const APART = 6;
/** Most sharp moments: more take longer to read and teach little more. */
const MOST_MOMENTS = 80;
/** A frame has moved if its faster parts have, pixels: the 90th percentile over the picture. */
const MOVED = 2;

/** What a clip says of itself, for {@linkcode tuneOn}. */
export interface ClipSurvey {
  /** Its sharp moments in order, as PNG files. */
  readonly moments: readonly string[];
  /** Mean speed of the faster parts of the frames that move, pixels per frame; 0 if none does. */
  readonly speed: number;
  /** Standard deviation of the noise of its sharp moments, in grey levels: the median. */
  readonly noise: number;
}

/** Options of {@linkcode surveyClip}. */
export interface SurveyOptions {
  /** Folder for the sharp moments. */
  readonly directory: string;
  /** Seconds from the beginning of the clip. @default {0} */
  readonly start?: number;
  /** Seconds. @default {to the end} */
  readonly duration?: number;
  /** Stops the work with its reason. */
  readonly signal?: AbortSignal;
}

/** A measured frame. */
interface Measured {
  readonly number: number;
  readonly sharpness: number;
  /** Frames of different shots cannot be compared. */
  readonly shot: number;
  /** From the previous frame and to the next one of the shot, whichever is more; without either it counts as endless. */
  readonly moved: Movement;
}

/**
 * Finds the sharp moments of a clip, and how it moves elsewhere. A moment is sharp where little moves and no frame of the same shot close to it is much
 * sharper.
 *
 * @throws {MediaError} if the clip cannot be decoded; the signal's reason.
 */
export async function surveyClip(path: string, options: SurveyOptions): Promise<ClipSurvey> {
  const { measured, perSecond } = await measureFrames(path, options);
  const speeds = measured.map(({ moved }) => moved.fastest).filter((speed) =>
    speed > MOVED && speed < Infinity
  );
  const chosen = sharpMoments(measured, perSecond);
  await mkdir(options.directory, { recursive: true });
  const moments: string[] = [];
  const noises: number[] = [];
  for await (const { frame, number } of framesOf(path, options)) {
    if (!chosen.has(number)) continue;
    const file = join(options.directory, `${String(number).padStart(6, "0")}.png`);
    await writeWhole(file, await encodePng(frame), { takeOver: true });
    moments.push(file);
    noises.push(noiseOf(frame));
  }
  return {
    moments,
    speed: speeds.reduce((sum, speed) => sum + speed, 0) / Math.max(1, speeds.length),
    noise: noises.sort((a, b) => a - b)[noises.length >> 1] ?? 0,
  };
}

/** Numbers of the sharp moments. */
function sharpMoments(measured: readonly Measured[], perSecond: number): ReadonlySet<number> {
  const isSharp = ({ number, sharpness, shot, moved }: Measured) =>
    moved.median <= STILL &&
    !measured.some((other) =>
      other.shot === shot && Math.abs(other.number - number) <= SECONDS * perSecond &&
      SHARP * other.sharpness > sharpness
    );
  const apart: number[] = [];
  for (const run of consecutive(measured.filter(isSharp))) {
    const count = Math.max(1, Math.floor(run.length / APART));
    for (let i = 0; i < count; i++) apart.push(run[Math.floor((i + 0.5) * run.length / count)] ?? NaN);
  }
  const every = Math.max(1, apart.length / MOST_MOMENTS);
  return new Set(apart.filter((_, i) => Math.floor(i / every) > Math.floor((i - 1) / every)));
}

/** Numbers in runs of those that follow each other. */
function consecutive(frames: readonly Measured[]): number[][] {
  const runs: number[][] = [];
  for (const { number } of frames) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}

async function measureFrames(
  path: string,
  options: SurveyOptions,
): Promise<{ measured: Measured[]; perSecond: number }> {
  const measured: Measured[] = [];
  let [perSecond, period, shot] = [1, PART, 0];
  let before: Looked | undefined;
  for await (const { frame, number, info } of framesOf(path, options)) {
    if (number === 0) {
      perSecond = info.frameRate ?? 25;
      period = Math.max(PART, Math.ceil((info.frames ?? 0) / PARTS));
    }
    if (number % period >= PART) continue;
    const looked = { number, pyramid: flowPyramid(frame), plane: reducePicture(frame) };
    const movement = before?.number === number - 1 ? movementOf(before, looked, frame) : undefined;
    const last = measured.at(-1);
    if (last !== undefined) {
      measured[measured.length - 1] = { ...last, moved: faster(last.moved, movement ?? ENDLESS) };
    }
    if (movement === undefined) shot++;
    measured.push({ number, sharpness: sharpnessOf(frame), shot, moved: movement ?? ENDLESS });
    before = looked;
  }
  return { measured, perSecond };
}

/** How far a picture moved from one frame to the next, in pixels. */
interface Movement {
  /** Over the picture. */
  readonly median: number;
  /** The 90th percentile over the picture. */
  readonly fastest: number;
}

const ENDLESS: Movement = { median: Infinity, fastest: Infinity };

function faster(one: Movement, other: Movement): Movement {
  return { median: Math.max(one.median, other.median), fastest: Math.max(one.fastest, other.fastest) };
}

/** What is compared of a frame. */
interface Looked {
  readonly number: number;
  readonly pyramid: Pyramid;
  readonly plane: Plane;
}

/** `undefined` if a cut lies between the two. */
function movementOf(from: Looked, to: Looked, picture: Picture): Movement | undefined {
  const flow = blockFlow(from.pyramid, to.pyramid);
  if (mismatch(from.plane, reducePicture(moveOnto(picture, flow))) >= OTHER_SCENE) return undefined;
  const { vectors } = flow;
  const lengths: number[] = [];
  for (let i = 0; i < vectors.length; i += 2) lengths.push(Math.hypot(vectors[i] ?? 0, vectors[i + 1] ?? 0));
  lengths.sort((a, b) => a - b);
  return {
    median: lengths[lengths.length >> 1] ?? 0,
    fastest: lengths[Math.floor(0.9 * lengths.length)] ?? 0,
  };
}

async function* framesOf(path: string, { start, duration, signal }: SurveyOptions) {
  await using video = await openVideo(path, {
    ...(start !== undefined && { start }),
    ...(duration !== undefined && { duration }),
    ...(signal && { signal }),
  });
  let number = 0;
  for await (const frame of video.frames) {
    signal?.throwIfAborted();
    yield { frame, number: number++, info: video.info };
    freePicture(frame);
  }
}
