import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MediaError, OptionError } from "../../errors.ts";
import type { Frame, MediaInfo, Picture } from "../../frame.ts";
import { guardWrite } from "../../part_file.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { createVideo } from "../../stream/encode/create_video.ts";
import { randomHandheld } from "./camera_path.ts";
import { checkPhotos } from "./check_photos.ts";
import { cutObject } from "./cut_layer.ts";
import { readPicture } from "../data/pair_files.ts";
import { lightCurve } from "./light.ts";
import { listPhotos } from "./list_photos.ts";
import { createRandom } from "../random.ts";
import { pictureLayer, VirtualCamera, type VirtualObject } from "./virtual_camera.ts";

/** Frames a second of {@linkcode virtualFootage}, as GoPro's. */
const FOOTAGE_RATE = 240;

/** Options of {@linkcode writeVirtualVideo}. */
export interface VirtualVideoOptions {
  /** Length. @default {2} */
  readonly seconds?: number;
  /** Draws everything that is random. @default {1} */
  readonly seed?: number;
  /** Pixels, even. @default {640} */
  readonly width?: number;
  /** Pixels, even. @default {360} */
  readonly height?: number;
  /** Seconds until the camera turns to another photo: a cut. @default {1} */
  readonly secondsPerShot?: number;
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
  /** Ends the work with its reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a sharp 240 fps video of what a hand-held virtual camera sees of a folder of photos, for {@linkcode synthesizeFootage} to average
 * (or to see what it makes).
 *
 * @throws {MediaError} naming a folder without photos, a photo smaller than the video, or an output in the way.
 */
export async function writeVirtualVideo(
  photos: string,
  path: string,
  options: VirtualVideoOptions = {},
): Promise<void> {
  const { width = 640, height = 360, seconds = 2, signal, overwrite = false } = options;
  if (!(seconds > 0 && seconds < 3600)) {
    throw new OptionError(`seconds is ${seconds}, wanted a length above 0 and below 3600`);
  }
  if (width % 2 || height % 2 || width < 16 || height < 16) {
    throw new OptionError(`size is ${width}x${height}, wanted even numbers from 16`);
  }
  await withBlankSource(width, height, async (source) => {
    await using sink = await createVideo(path, {
      template: source,
      copy: { path: source.path },
      codec: "h264",
      crf: 12,
      overwrite,
    });
    await ReadableStream.from(virtualFootage(photos, options)).pipeTo(sink.frames, signal && { signal });
  });
}

/** The frames of {@linkcode writeVirtualVideo}, `pts` counting frames. The caller owns each. Every photo is decoded before the first. */
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
    throw new MediaError(
      path,
      `Is ${photo.width}x${photo.height}; wanted at least the video's ${width}x${height}`,
    );
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
  const scene = { ground: pictureLayer(photo, light), objects, slope: [0, 0.2 * random() / height] as const };
  return new VirtualCamera(scene, { width, height, path: randomHandheld({ random, range }) });
}

/** {@linkcode createVideo} takes what surrounds the frames from a source file: here one black frame of the right size and rate. */
async function withBlankSource(
  width: number,
  height: number,
  use: (source: MediaInfo) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mtdn-"));
  try {
    const path = join(folder, "blank.y4m");
    const header = `YUV4MPEG2 W${width} H${height} F${FOOTAGE_RATE}:1 Ip A1:1 C420jpeg\nFRAME\n`;
    const samples = new Uint8Array(width * height * 3 / 2).fill(128);
    await guardWrite(path, () => writeFile(path, [header, samples]));
    await using source = await openVideo(path);
    await use(source.info);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
