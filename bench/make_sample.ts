/**
 * Makes the sample clip and its sharp counterpart: a virtual camera at 240 frames per second in front of three photographs, averaged like
 * the GoPro dataset (9 frames of every 10, in linear light; the sharp frame is the middle one), with a sine sweep as sound.
 *
 *     deno run -RWES --allow-ffi --allow-run=ffmpeg bench/make_sample.ts PHOTO_FOLDER [OUTPUT_FOLDER]
 *
 * PHOTO_FOLDER holds the three photos as Debian's package `lomiri-wallpapers-16.04` installs them in
 * /usr/share/backgrounds; their authors and licence are in samples/README.md. Needs ffmpeg (with x264) on PATH.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import sharp from "sharp";
import type { Picture } from "../src/frame.ts";
import { averageFrames } from "../src/train/synth/average_frames.ts";
import type { CameraPath } from "../src/train/camera/camera_path.ts";
import { type Layer, prepareLayer } from "../src/train/camera/layer.ts";
import { lightCurve } from "../src/train/camera/light.ts";
import { pictureLayer, VirtualCamera, type VirtualObject } from "../src/train/camera/virtual_camera.ts";

const [WIDTH, HEIGHT] = [960, 540];
const CAPTURE_RATE = 240;
const RATE = 24;
const AVERAGED = 9; // of the 10 captured frames for each written one; the tenth is the readout gap
const FRAMES_PER_SHOT = 30;
const LIGHT = lightCurve("2.2").light;

/** Position of the camera at rest from second `from` to second `to`; it moves between rests. */
interface Rest {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly y: number;
  readonly roll?: number;
  readonly zoom?: number;
}

/** Minimum-jerk motion between rests, with hand tremor of about half a pixel. */
function handheld(rests: readonly Rest[]): CameraPath {
  return (t) => {
    let next = rests.findIndex((rest) => rest.to >= t);
    if (next < 0) next = rests.length - 1;
    const b = rests[next] as Rest;
    const a = rests[Math.max(0, next - 1)] as Rest;
    const u = Math.min(1, Math.max(0, (t - a.to) / Math.max(1e-9, b.from - a.to)));
    const s = u * u * u * (10 + u * (6 * u - 15));
    const mix = (p: number, q: number) => p + (q - p) * s;
    const tremor = (hertz: number, phase: number) => Math.sin(2 * Math.PI * hertz * t + phase);
    return {
      x: mix(a.x, b.x) + 0.6 * tremor(4.3, 0) + 0.25 * tremor(7.1, 1),
      y: mix(a.y, b.y) + 0.5 * tremor(3.7, 2) + 0.25 * tremor(8.3, 3),
      roll: mix(a.roll ?? 0, b.roll ?? 0) + 0.0003 * tremor(3.1, 4),
      zoom: mix(a.zoom ?? 1, b.zoom ?? 1),
    };
  };
}

async function photo(folder: string, file: string, width: number): Promise<Picture> {
  const { data, info } = await sharp(join(folder, file)).rotate().resize({ width }).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** The red bowl, cut out by its colour: all pixels between red pixels of their row and of their column. */
async function bowl(folder: string, width: number): Promise<Layer> {
  const { data, width: w, height: h } = await photo(folder, "Picture_0B_by_freespace.jpg", 1200);
  const isRed = (i: number) => (data[3 * i] ?? 0) > 90 && (data[3 * i] ?? 0) > 1.9 * (data[3 * i + 2] ?? 0);
  const inside = new Uint8Array(w * h);
  const fill = (lines: number, length: number, at: (line: number, i: number) => number) => {
    for (let line = 0; line < lines; line++) {
      let [first, last, reds] = [length, -1, 0];
      for (let i = 0; i < length; i++) if (isRed(at(line, i))) first = Math.min(first, i), last = i, reds++;
      if (reds < 20) continue; // a red spot on the wall
      for (let i = first; i <= last; i++) inside[at(line, i)] = (inside[at(line, i)] ?? 0) + 1;
    }
  };
  fill(h, w, (y, x) => y * w + x);
  fill(w, h, (x, y) => y * w + x);
  const cut = new Uint8Array(w * h * 4);
  for (let i = 0; i < inside.length; i++) {
    cut.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    cut[4 * i + 3] = inside[i] === 2 ? 255 : 0;
  }
  const { data: small, info } = await sharp(cut, { raw: { width: w, height: h, channels: 4 } }).resize({
    width,
  })
    .raw().toBuffer({ resolveWithObject: true });
  const layer = new Float32Array(small.length);
  for (let i = 0; i < small.length; i += 4) {
    const opacity = (small[i + 3] ?? 0) / 255;
    for (let c = 0; c < 3; c++) layer[i + c] = opacity * (LIGHT[small[i + c] ?? 0] ?? 0);
    layer[i + 3] = opacity;
  }
  return prepareLayer({ data: layer, width: info.width, height: info.height, channels: 4 });
}

interface Shot {
  readonly background: Picture;
  readonly target: readonly [number, number];
  readonly path: CameraPath;
  readonly objects: readonly VirtualObject[];
  readonly slope?: readonly [number, number];
}

async function shots(folder: string): Promise<Shot[]> {
  const red = await bowl(folder, 300);
  const dogs: Shot = {
    background: await photo(folder, "friends_by_Aitzol_Berasategi.jpg", 1300),
    target: [560, 830],
    path: handheld([
      { from: 0, to: 0.1, x: 0, y: 0 },
      { from: 0.52, to: 0.72, x: 125, y: 55, roll: 0.01 },
      { from: 1.14, to: 1.3, x: 70, y: 200, roll: -0.005, zoom: 1.02 },
    ]),
    objects: [{
      layer: red,
      at: [120, 330],
      depth: 0.6,
      path: (t) => ({ x: 520 * t, y: -330 * t + 330 * t * t, roll: 1.1 * t, zoom: 1 + 0.1 * t }),
    }],
  };
  const stream: Shot = {
    background: await photo(folder, "life_by_Aitzol_Berasategi.jpg", 1600),
    target: [730, 540],
    path: handheld([
      { from: 0, to: 0.12, x: 0, y: 0 },
      { from: 0.56, to: 0.78, x: 70, y: -95, roll: -0.012 },
      { from: 1.2, to: 1.3, x: 195, y: -60, zoom: 1.04 },
    ]),
    objects: [],
    slope: [0, 0.0006],
  };
  return [dogs, stream];
}

/** An ffmpeg process that reads raw RGB frames from its standard input. */
function encoder(path: string, crf: number, sound: boolean) {
  const tone = `aevalsrc=0.25*sin(2*PI*(200*t+360*t*t)):s=48000:d=${2 * FRAMES_PER_SHOT / RATE}`;
  const ffmpeg = spawn("ffmpeg", [
    ...[
      "-v",
      "error",
      "-y",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "-s",
      `${WIDTH}x${HEIGHT}`,
      "-r",
      `${RATE}`,
    ],
    ...["-i", "pipe:0", ...(sound ? ["-f", "lavfi", "-i", tone, "-c:a", "aac", "-b:a", "96k"] : [])],
    ...["-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p"],
    ...["-c:v", "libx264", "-preset", "veryslow", "-crf", `${crf}`, "-threads", "1"],
    ...["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
    ...["-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart", path],
  ], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(ffmpeg, "close");
  return {
    write: async ({ data }: Picture) => {
      if (!ffmpeg.stdin.write(data)) await once(ffmpeg.stdin, "drain");
    },
    close: async () => {
      ffmpeg.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`ffmpeg ended with exit code ${code}, writing ${path}`);
    },
  };
}

async function main(photos: string | undefined, output = "samples"): Promise<void> {
  if (photos === undefined) {
    throw new Error("The folder of photos is missing: give bench/make_sample.ts PHOTO_FOLDER");
  }
  await mkdir(join(output, "sharp"), { recursive: true });
  const blurry = encoder(join(output, "spaniels.mp4"), 15, true);
  const sharpClip = encoder(join(output, "sharp", "spaniels.mp4"), 15, false);
  for (const { background, objects, slope, target, path } of await shots(photos)) {
    const scene = { background: pictureLayer(background, LIGHT), objects, ...(slope && { slope }) };
    const camera = new VirtualCamera(scene, { width: WIDTH, height: HEIGHT, path, target });
    for (let i = 0; i < FRAMES_PER_SHOT; i++) {
      const first = i * CAPTURE_RATE / RATE;
      const frames = Array.from({ length: AVERAGED }, (_, j) => camera.frame((first + j) / CAPTURE_RATE));
      await blurry.write(averageFrames(frames, "2.2"));
      await sharpClip.write(frames[AVERAGED >> 1] as Picture);
    }
  }
  await blurry.close();
  await sharpClip.close();
}

if (import.meta.main) await main(process.argv[2], process.argv[3]);
