import type { PreviewFrame } from "../../../src/server/sources/playback.ts";

/** A preview frame of one grey level, `width` x `height`. */
export function previewFrame(level: number, options: Partial<PreviewFrame> = {}): PreviewFrame {
  const { width = 8, height = 4 } = options;
  const picture = { data: new Uint8Array(3 * width * height).fill(level), width, height };
  const whole = { x: 0, y: 0, width, height };
  return {
    pictures: [{ kind: "blurry", picture }, { kind: "result", picture }],
    region: whole,
    rotation: 0,
    width,
    height,
    index: level,
    isEstimated: false,
    seconds: 0,
    detail: 1,
    decodedAt: 0,
    ...options,
  };
}
