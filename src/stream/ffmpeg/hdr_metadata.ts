import { Buffer } from "node:buffer";
import type { Frame as AvFrame, Stream } from "node-av/lib";
import {
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_DOVI_METADATA,
  AV_FRAME_DATA_DOVI_RPU_BUFFER,
  AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
  AV_FRAME_DATA_DYNAMIC_HDR_VIVID,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_DOVI_CONF,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
  type AVPacketSideDataType,
} from "node-av/constants";
import type { HdrMetadata } from "../../frame.ts";

/** Metadata that change from frame to frame, by the side data that tell of them. */
const DYNAMIC: readonly (readonly [name: string, inFrame: number, inStream?: AVPacketSideDataType])[] = [
  ["HDR10+", AV_FRAME_DATA_DYNAMIC_HDR_PLUS],
  ["HDR Vivid", AV_FRAME_DATA_DYNAMIC_HDR_VIVID],
  ["Dolby Vision", AV_FRAME_DATA_DOVI_METADATA, AV_PKT_DATA_DOVI_CONF],
  ["Dolby Vision", AV_FRAME_DATA_DOVI_RPU_BUFFER],
];

/** What a video stream and its first frame tell of the display that it was made for; `undefined` if that is nothing. */
export function readHdrMetadata(
  { codecpar }: Pick<Stream, "codecpar">,
  first: AvFrame | undefined,
): HdrMetadata | undefined {
  const mastering = first?.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA) ??
    codecpar.getCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
  const light = first?.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL) ??
    codecpar.getCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
  const dynamic = DYNAMIC.filter(([, inFrame, inStream]) =>
    first?.getSideData(inFrame as Parameters<AvFrame["getSideData"]>[0]) ||
    (inStream !== undefined && codecpar.getCodedSideData(inStream) !== null)
  );
  if (!mastering && !light && dynamic.length === 0) return undefined;
  return {
    ...(mastering && { masteringDisplay: new Uint8Array(mastering) }),
    ...(light && { contentLight: new Uint8Array(light) }),
    dynamic: [...new Set(dynamic.map(([name]) => name))],
  };
}

/** The same as side data of a stream, which containers hold. */
export function sideDataOf(
  { masteringDisplay, contentLight }: HdrMetadata,
): readonly (readonly [type: AVPacketSideDataType, data: Buffer])[] {
  const found: [AVPacketSideDataType, Buffer][] = [];
  if (masteringDisplay) found.push([AV_PKT_DATA_MASTERING_DISPLAY_METADATA, Buffer.from(masteringDisplay)]);
  if (contentLight) found.push([AV_PKT_DATA_CONTENT_LIGHT_LEVEL, Buffer.from(contentLight)]);
  return found;
}

/** A mastering display, in the words of encoders: chromaticities, and the largest and smallest luminance in cd/m². */
export interface MasteringDisplay {
  readonly red: readonly [x: number, y: number];
  readonly green: readonly [x: number, y: number];
  readonly blue: readonly [x: number, y: number];
  readonly white: readonly [x: number, y: number];
  readonly most: number;
  readonly least: number;
}

/** Bytes of FFmpeg's AVMasteringDisplayMetadata: ten fractions and two flags, all of them 32-bit integers. */
const MASTERING_BYTES = 88;

/** Reads a mastering display; `undefined` where a part of it is not said. */
export function parseMasteringDisplay(bytes: Uint8Array): MasteringDisplay | undefined {
  if (bytes.length < MASTERING_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fraction = (i: number) => view.getInt32(8 * i, true) / view.getInt32(8 * i + 4, true);
  const point = (i: number) => [fraction(i), fraction(i + 1)] as const;
  const isSaid = view.getInt32(80, true) !== 0 && view.getInt32(84, true) !== 0;
  const display = {
    red: point(0),
    green: point(2),
    blue: point(4),
    white: point(6),
    least: fraction(8),
    most: fraction(9),
  };
  return isSaid && Object.values(display).flat().every(Number.isFinite) ? display : undefined;
}

/** The largest light of a pixel, and of a frame on average, in cd/m²; `undefined` where it is not said. */
export function parseContentLight(
  bytes: Uint8Array,
): { readonly most: number; readonly average: number } | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [most, average] = [view.getUint32(0, true), view.getUint32(4, true)];
  return most === 0 && average === 0 ? undefined : { most, average };
}
