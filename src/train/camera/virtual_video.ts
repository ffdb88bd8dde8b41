import { join } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Frame, Picture } from "../../frame.ts";
import { createVideo } from "../../stream/encode/create_video.ts";
import { randomHandheld } from "./camera_path.ts";
import { checkPhotos, listPhotos } from "../data/photo_folder.ts";
import { cutObject } from "./cut_layer.ts";
import { readPicture } from "../data/picture_file.ts";
import { lightCurve } from "./light.ts";
import { createRandom } from "../random.ts";
import { invalidSetting } from "../setting.ts";
import { pictureLayer, VirtualCamera, type VirtualObject } from "./virtual_camera.ts";

/** Frames per second of {@linkcode virtualFootage}, like GoPro's. */
const FOOTAGE_RATE = 240;

/** Options of {@linkcode writeVirtualVideo}. */
export interface VirtualVideoOptions {
  /** Length. @default {2} */
  readonly seconds?: number;
  /** Seed of all random numbers. @default {1} */
  readonly seed?: number;
  /** Pixels, even. @default {640} */
  readonly width?: number;
  /** Pixels, even. @default {360} */
  readonly height?: number;
  /** Seconds until a cut to another photo. @default {1} */
  readonly secondsPerShot?: number;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
  /** Stops the work with its reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a sharp 240 fps video by a hand-held virtual camera in front of the photos of a folder, for {@linkcode synthesizeFootage} to
 * average.
 *
 * @throws {MediaError} naming a folder without photos, a photo smaller than the video, or an output in the way.
 * @throws {OptionError} if the length or the size is not valid.
 */
export async function writeVirtualVideo(
  photos: string,
  path: string,
  options: VirtualVideoOptions = {},
): Promise<void> {
  const { width = 640, height = 360, seconds = 2, signal, overwrite = false } = options;
  if (!(seconds > 0 && seconds < 3600)) {
    throw invalidSetting("seconds", seconds, "a number above 0, below 3600");
  }
  if (width % 2 || height % 2 || width < 16 || height < 16) {
    throw invalidSetting("size", `${width}x${height}`, "even numbers from 16");
  }
  const timeBase = { num: 1, den: FOOTAGE_RATE };
  const template = { width, height, timeBase, frameRate: FOOTAGE_RATE };
  await using sink = await createVideo(path, { template, codec: "h264", crf: 12, overwrite });
  await ReadableStream.from(virtualFootage(photos, options)).pipeTo(sink.frames, signal && { signal });
}

/** The frames of {@linkcode writeVirtualVideo}; `pts` counts frames. The caller owns each. All photos are decoded before the first frame. */
export async function* virtualFootage(
  photos: string,
  options: VirtualVideoOptions = {},
): AsyncGenerator<Frame> {
  const { width = 640, height = 360, seconds = 2, seed = 1, secondsPerShot = 1, signal } = options;
  const files = await listPhotos(photos);
  const total = Math.round(seconds * FOOTAGE_RATE);
  const each = Math.max(1, Math.round(secondsPerShot * FOOTAGE_RATE));
  const start = Math.floor(createRandom(seed)() * files.length);
  const shots = Array.from(
    { length: Math.ceil(total / each) },
    (_, shot) => join(photos, files[(shot + start) % files.length] as string),
  );
  const refuse = (photo: Picture, path: string) => refuseSmall(photo, path, { width, height });
  await checkPhotos(shots, { refuse, signal });
  for (const [shot, path] of shots.entries()) {
    const first = shot * each;
    const random = createRandom(seed, "shot", shot);
    const camera = shotCamera(await readPicture(path), { width, height, random });
    for (let i = first; i < Math.min(total, first + each); i++) {
      yield { ...camera.frame((i - first) / FOOTAGE_RATE), pts: BigInt(i), duration: 1n };
    }
  }
}

function refuseSmall(
  photo: Picture,
  path: string,
  { width, height }: Pick<Picture, "width" | "height">,
): void {
  if (photo.width < width || photo.height < height) {
    const why = `The photo is ${photo.width}x${photo.height}, smaller than the video (${width}x${height})`;
    throw new MediaError(path, `${why}. Use larger photos, or a smaller video`);
  }
}

function shotCamera(
  photo: Picture,
  { width, height, random }: {
    readonly width: number;
    readonly height: number;
    readonly random: () => number;
  },
): VirtualCamera {
  const { light } = lightCurve("2.2");
  const objects: VirtualObject[] = [];
  for (const depth of [1, 1.5]) {
    const size = Math.max(8, Math.round(height * (0.2 + 0.3 * random())));
    const layer = cutObject(photo, { size, scale: 0.5 + 0.5 * random(), light, random });
    const at = [Math.round(random() * width), Math.round(random() * height)] as const;
    const range = depth === 1 ? [0.3 * width, 0.3 * height] as const : [0, 0] as const;
    objects.push({ layer, at, depth, path: randomHandheld({ random, range, speed: 700 }) });
  }
  const range = [(photo.width - width) / 2, (photo.height - height) / 2] as const;
  const scene = {
    background: pictureLayer(photo, light),
    objects,
    slope: [0, 0.2 * random() / height] as const,
  };
  return new VirtualCamera(scene, { width, height, path: randomHandheld({ random, range }) });
}
