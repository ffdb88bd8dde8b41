import type { Affine } from "./layer.ts";
import { normal } from "../random.ts";

/** Position of a camera (or an object) at one instant, relative to time 0. */
export interface Pose {
  /** Shift to the right, pixels. */
  readonly x: number;
  /** Shift down, pixels. */
  readonly y: number;
  /** Rotation about the line of sight, radians, clockwise. */
  readonly roll: number;
  /** Magnification; 1 is none. */
  readonly zoom: number;
}

/** Pose at time `t`, in the unit of the function that makes the path: exposures, frames or seconds. */
export type CameraPath = (t: number) => Pose;

/** Options of {@linkcode randomExposure}. */
export interface ExposureOptions {
  /** Random numbers in [0, 1). */
  readonly random: () => number;
  /** Length of the path from t = −½ to ½, pixels. */
  readonly displacement: number;
  /** Standard deviation of the rotation during one exposure, radians. @default {0.006} */
  readonly roll?: number;
  /** Standard deviation of the zoom during one exposure. @default {0.006} */
  readonly zoom?: number;
}

/**
 * The motion during one exposure, t = −½ … ½, with the zero pose at t = 0. Seven in ten are nearly straight and even pans, like footage of a
 * moving camera; the others are shakes, curved and with changing speed.
 */
export function randomExposure(
  { random, displacement, roll = 0.006, zoom = 0.006 }: ExposureOptions,
): CameraPath {
  const angle = random() * 2 * Math.PI;
  const bend = random() < 0.7 ? 0.25 : 1.5;
  const jerk = bend * 1.2;
  const [vx, vy] = [Math.cos(angle), Math.sin(angle)];
  const [ax, ay, jx, jy] = [
    bend * normal(random),
    bend * normal(random),
    jerk * normal(random),
    jerk * normal(random),
  ];
  const [turn, enlarge] = [roll * normal(random), zoom * normal(random)];
  const at = (t: number): [number, number] => [
    (vx + (ax + jx * t) * t) * t,
    (vy + (ay + jy * t) * t) * t,
  ];
  let length = 0;
  for (let i = -8; i < 8; i++) {
    const [[x0, y0], [x1, y1]] = [at(i / 16), at((i + 1) / 16)];
    length += Math.hypot(x1 - x0, y1 - y0);
  }
  const scale = displacement / length;
  return (t) => {
    const [x, y] = at(t);
    return { x: x * scale, y: y * scale, roll: turn * t, zoom: 1 + enlarge * t };
  };
}

/** Options of {@linkcode randomMotion}. */
export interface MotionOptions {
  /** Random numbers in [0, 1). */
  readonly random: () => number;
  /** Mean speed, pixels per frame. */
  readonly speed: number;
  /** Standard deviation of the rotation from frame to frame, radians. @default {0.006} */
  readonly roll?: number;
  /** Standard deviation of the zoom from frame to frame. @default {0.006} */
  readonly zoom?: number;
}

/**
 * The motion over some frames, `t` in frames, with the zero pose at t = 0: an even pan and hand tremor, a sum of sines. Seven in ten are
 * nearly straight; the others are curved and change speed.
 */
export function randomMotion({ random, speed, roll = 0.006, zoom = 0.006 }: MotionOptions): CameraPath {
  const angle = 2 * Math.PI * random();
  const tremor = speed * (random() < 0.7 ? 0.35 * random() : 0.4 + 0.8 * random());
  const pan = Math.sqrt(Math.max(0, speed ** 2 - tremor ** 2));
  const wave = () => {
    const pulse = 2 * Math.PI * (0.05 + 0.4 * random()); // radians per frame: 1.5 to 13 Hz at 30 frames per second
    const phase = 2 * Math.PI * random();
    const amplitude = tremor * normal(random) / pulse / Math.SQRT2;
    return (t: number) => amplitude * (Math.sin(pulse * t + phase) - Math.sin(phase));
  };
  const waves = [wave(), wave(), wave(), wave()] as const;
  const [turn, enlarge] = [roll * normal(random), zoom * normal(random)];
  return (t) => ({
    x: pan * Math.cos(angle) * t + waves[0](t) + waves[1](t),
    y: pan * Math.sin(angle) * t + waves[2](t) + waves[3](t),
    roll: turn * t,
    zoom: 1 + enlarge * t,
  });
}

/** Options of {@linkcode viewMap}. */
export interface ViewOptions {
  /** Middle of the canvas, pixels: the fixed point of rotation and zoom. */
  readonly center: readonly [number, number];
  /** Point of the layer at that place in the zero pose, pixels. */
  readonly target: readonly [number, number];
  /** Parallax: how much the motion grows per pixel to the right and per pixel down. @default {[0, 0]} */
  readonly slope?: readonly [number, number];
}

/** The map from canvas to layer for a camera in `pose`; the layer moves opposite to the camera. */
export function viewMap(
  pose: Pose,
  { center: [cx, cy], target: [tx, ty], slope: [gx, gy] = [0, 0] }: ViewOptions,
): Affine {
  const cos = Math.cos(pose.roll) / pose.zoom;
  const sin = Math.sin(pose.roll) / pose.zoom;
  const [a, b, d, e] = [cos + pose.x * gx, -sin + pose.x * gy, sin + pose.y * gx, cos + pose.y * gy];
  return { a, b, c: tx + pose.x - a * cx - b * cy, d, e, f: ty + pose.y - d * cx - e * cy };
}

/** Options of {@linkcode randomHandheld}. */
export interface HandheldOptions {
  /** Random numbers in [0, 1). */
  readonly random: () => number;
  /** Largest distance to either side, and up and down, pixels. */
  readonly range: readonly [number, number];
  /** Highest speed of pans, pixels per second. @default {500} */
  readonly speed?: number;
}

/**
 * A hand-held camera, `t` in seconds, without end: slow pans within `range`, hand tremor, a little roll and zoom. All are sums of
 * sines, so every derivative is smooth.
 */
export function randomHandheld({ random, range, speed = 500 }: HandheldOptions): CameraPath {
  const wave = (amplitude: number, least: number, most: number) => {
    const hertz = least + (most - least) * random();
    const phase = 2 * Math.PI * random();
    return (t: number) => amplitude * Math.sin(2 * Math.PI * hertz * t + phase);
  };
  const axis = (reach: number) => {
    const pan = 0.75 * reach;
    const fastest = Math.min(1.2, speed / (2 * Math.PI * Math.max(1, pan)));
    const waves = [
      wave(pan, 0.6 * fastest, fastest),
      wave(0.15 * reach, 1, 2),
      wave(Math.min(1.5, 0.1 * reach), 4, 9),
    ];
    return (t: number) => waves.reduce((sum, wave) => sum + wave(t), 0);
  };
  const [x, y, roll, zoom] = [axis(range[0]), axis(range[1]), wave(0.01, 0.3, 1.2), wave(0.015, 0.2, 0.7)];
  return (t) => ({ x: x(t), y: y(t), roll: roll(t), zoom: 1.03 + zoom(t) });
}
