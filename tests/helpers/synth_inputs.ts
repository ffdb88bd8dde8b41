import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { createRandom } from "../../src/train/random.ts";
import { writeY4m } from "./y4m.ts";

/** Writes footage: a pan over stripes and dots, 48 x 32. @returns `path`. */
export async function writePan(path: string, rate = 240, frames = 40): Promise<string> {
  await writeY4m(path, {
    width: 48,
    height: 32,
    rate,
    frames,
    luma: (x, y, frame) =>
      120 + 60 * Math.sin((x + 1.3 * frame) / 3) + ((x + frame) % 16 === 0 && y % 9 < 2 ? 50 : 0),
  });
  return path;
}

/** Makes a folder with two photos of 160 x 144, "a.png" and "b.png", and a text file. @returns Its path, in `folder`. */
export async function writePhotos(folder: string): Promise<string> {
  const path = join(folder, "photos in");
  await mkdir(path);
  for (const name of ["a.png", "b.png"]) {
    const random = createRandom(name);
    const cells = Uint8Array.from({ length: 16 * 16 * 3 }, () => random() * 256);
    await sharp(cells, { raw: { width: 16, height: 16, channels: 3 } }).resize(160, 144).png().toFile(
      join(path, name),
    );
  }
  await writeFile(join(path, "notes.txt"), "not a photo");
  return path;
}
