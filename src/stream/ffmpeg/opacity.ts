import { avGetPixFmtName, type Frame as AvFrame } from "node-av/lib";
import { AV_PIX_FMT_NONE, type AVPixelFormat } from "node-av/constants";

/** Where the opacity of a pixel lies in a frame. */
interface OpacityLayout {
  /** Plane of the frame. */
  readonly plane: number;
  /** Samples from one pixel to the next, and before the first one. */
  readonly step: number;
  readonly offset: number;
  readonly bits: number;
  readonly isBigEndian: boolean;
}

/** FFmpeg's names of pixel formats with opacity: a plane of its own, and packed with it last or first. */
const PLANAR = /^(?:yuva4\d\dp|gbrap)(\d+)?(le|be)?$/;
const PACKED = /^(?:(rgba|bgra|ayuv|argb|abgr|vuya|uyva)|(ya))(8|16|64)?(le|be)?$/;
const IS_FIRST = /^(?:ayuv|argb|abgr)/;

/** Opacity, a sample a pixel, 0 transparent. */
export type Opacity = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Whether pixels of this format have an opacity that can be read and written. */
export function hasOpacity(format: AVPixelFormat): boolean {
  return layoutOf(format) !== undefined;
}

/**
 * The opacity of a decoded frame.
 *
 * @param depth of the samples that are returned; the frame's own bits fill it
 * @returns nothing if its format has none.
 */
export function readOpacity(frame: AvFrame, depth: 8 | 16): Opacity | undefined {
  const { width, height } = frame;
  const layout = layoutOf(frame.format as AVPixelFormat);
  const plane = layout && frame.data?.[layout.plane];
  const stride = layout && frame.linesize[layout.plane];
  if (layout === undefined || !plane || stride === undefined) return undefined;
  const { step, offset, bits } = layout;
  const opacity = depth === 8 ? new Uint8Array(width * height) : new Uint16Array(width * height);
  const isPlain = step === 1 && bits === 8 && depth === 8;
  const factor = (2 ** depth - 1) / (2 ** bits - 1);
  const sampleAt = reader(plane, layout);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (isPlain) opacity.set(plane.subarray(y * stride, y * stride + width), row);
    else {
      for (let x = 0; x < width; x++) {
        opacity[row + x] = Math.round(factor * sampleAt(y * stride, x * step + offset));
      }
    }
  }
  return opacity;
}

/** Gives a frame an opacity, in the bits that its format has; nothing if that has no opacity. */
export function writeOpacity(frame: AvFrame, opacity: Uint8Array | Uint16Array): void {
  const { width, height } = frame;
  const layout = layoutOf(frame.format as AVPixelFormat);
  const plane = layout && frame.data?.[layout.plane];
  const stride = layout && frame.linesize[layout.plane];
  if (layout === undefined || !plane || stride === undefined) return;
  const { step, offset, bits } = layout;
  const depth = 8 * opacity.BYTES_PER_ELEMENT;
  const factor = (2 ** bits - 1) / (2 ** depth - 1);
  const write = writer(plane, layout);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      write(y * stride, x * step + offset, Math.round(factor * (opacity[y * width + x] ?? 0)));
    }
  }
}

function layoutOf(format: AVPixelFormat): OpacityLayout | undefined {
  const name = format === AV_PIX_FMT_NONE ? "" : avGetPixFmtName(format) ?? "";
  const planar = PLANAR.exec(name);
  if (planar) {
    const [, bits = "8", end] = planar;
    return { plane: 3, step: 1, offset: 0, bits: Number(bits), isBigEndian: end === "be" };
  }
  const packed = PACKED.exec(name);
  if (!packed) return undefined;
  const [, colours, grey, size, end] = packed;
  const step = grey ? 2 : 4;
  const bits = size === "64" || size === "16" ? 16 : 8;
  const offset = colours && IS_FIRST.test(colours) ? 0 : step - 1;
  return { plane: 0, step, offset, bits, isBigEndian: end === "be" };
}

/** Reads the sample at a place in a row that begins at a byte. */
function reader(
  plane: Uint8Array,
  { bits, isBigEndian }: OpacityLayout,
): (row: number, at: number) => number {
  if (bits === 8) return (row, at) => plane[row + at] ?? 0;
  const view = new DataView(plane.buffer, plane.byteOffset, plane.byteLength);
  return (row, at) => view.getUint16(row + 2 * at, !isBigEndian);
}

function writer(
  plane: Uint8Array,
  { bits, isBigEndian }: OpacityLayout,
): (row: number, at: number, value: number) => void {
  if (bits === 8) return (row, at, value) => plane[row + at] = value;
  const view = new DataView(plane.buffer, plane.byteOffset, plane.byteLength);
  return (row, at, value) => view.setUint16(row + 2 * at, value, !isBigEndian);
}
