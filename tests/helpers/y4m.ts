import { writeFile } from "node:fs/promises";

/** Options of {@linkcode writeY4m}. */
export interface Y4mOptions {
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly rate: number;
  readonly frames: number;
  /** Brightness (16 … 235) of a pixel. */
  readonly luma: (x: number, y: number, frame: number) => number;
}

/** Writes grey, uncompressed video that any FFmpeg reads: footage for tests, made in a moment and the same every time. */
export async function writeY4m(
  path: string,
  { width, height, rate, frames, luma }: Y4mOptions,
): Promise<void> {
  const parts: (string | Uint8Array)[] = [`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`];
  for (let frame = 0; frame < frames; frame++) {
    const samples = new Uint8Array(width * height * 3 / 2).fill(128);
    for (let i = 0; i < width * height; i++) samples[i] = luma(i % width, Math.floor(i / width), frame);
    parts.push("FRAME\n", samples);
  }
  await writeFile(path, parts);
}
