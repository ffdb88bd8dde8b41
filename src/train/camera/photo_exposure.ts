import type { Picture } from "../../frame.ts";
import { randomExposure } from "./camera_path.ts";
import { cutObject } from "./cut_layer.ts";
import { lightCurve } from "./light.ts";
import { createRandom } from "../random.ts";
import { pictureLayer, VirtualCamera, type VirtualObject } from "./virtual_camera.ts";

/** Margin around the canvas for the camera's motion, pixels. */
export const PHOTO_MARGIN = 24;

/** Options of {@linkcode photoExposure}. */
export interface PhotoExposureOptions {
  /** Seed of all random numbers. */
  readonly seed: string;
  /** Number of frames of the exposure. */
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Photo that the objects are cut out of. */
  readonly objects: Picture;
}

/**
 * The frames of one long exposure of a photo by a hand-held virtual camera, which moves, rotates and zooms, with parallax, and one or two
 * moving objects. In the middle frame the camera is at rest: exactly the photo's pixels.
 */
export function* photoExposure(photo: Picture, options: PhotoExposureOptions): Generator<Picture> {
  const { seed, frames, width, height } = options;
  const random = createRandom(seed);
  const { light } = lightCurve("2.2");
  // Longer steps would show as ghosts instead of blur.
  const longest = Math.min(28, 2.5 * (frames - 1));
  const displacement = () => Math.min(longest, -4.5 * Math.log((1 - random()) * (1 - random())));
  const path = randomExposure({ random, displacement: displacement(), roll: 0.004, zoom: 0.004 });
  const objects: VirtualObject[] = [];
  for (let i = random() < 0.5 ? 1 : 2; i > 0; i--) {
    const largest = Math.min(height, options.objects.width, options.objects.height);
    const size = Math.max(8, Math.round(largest * (0.15 + 0.3 * random())));
    const isNear = random() < 0.4; // close to the camera, and only moved by it
    objects.push({
      layer: cutObject(options.objects, { size, scale: 0.5 + 0.5 * random(), light, random }),
      at: [Math.round(random() * width), Math.round(random() * height)],
      depth: isNear ? 1.3 + 0.7 * random() : 1,
      path: randomExposure({ random, displacement: isNear ? 0 : displacement() }),
    });
  }
  const scene = {
    background: pictureLayer(photo, light),
    objects,
    slope: [(random() - 0.5) / width, (random() - 0.5) / height] as const,
  };
  const target = [photo.width, photo.height].map((side, axis) => {
    const view = axis === 0 ? width : height;
    const spare = side - view - 2 * PHOTO_MARGIN;
    return Math.floor(random() * (Math.max(0, spare) + 1)) + Math.min(PHOTO_MARGIN, (side - view) >> 1) +
      (view >> 1);
  });
  const camera = new VirtualCamera(scene, { width, height, path, target: [target[0] ?? 0, target[1] ?? 0] });
  for (let i = 0; i < frames; i++) yield camera.frame(frames === 1 ? 0 : i / (frames - 1) - 0.5);
}
