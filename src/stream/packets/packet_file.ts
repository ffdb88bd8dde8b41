import { Buffer } from "node:buffer";
import * as v from "valibot";

/** What a file of encoded packets says before the first of them. */
export interface PacketFileHead {
  /** Pixels of every frame. */
  readonly width: number;
  readonly height: number;
  /** Unit of the times of the packets, seconds. */
  readonly timeBase: { readonly num: number; readonly den: number };
  /** The codec's headers, base64. */
  readonly extradata: string;
}

/** What a file of encoded packets says after the last of them. */
export interface PacketFileEnd {
  readonly packets: number;
  /** Most packets that are decoded before one that is shown earlier. */
  readonly reordered: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Schema of {@linkcode PacketFileHead}. */
export const HEAD: v.GenericSchema<unknown, PacketFileHead> = v.strictObject({
  width: count,
  height: count,
  timeBase: v.strictObject({ num: count, den: count }),
  extradata: v.string(),
});
/** Schema of {@linkcode PacketFileEnd}. */
export const END: v.GenericSchema<unknown, PacketFileEnd> = v.strictObject({
  packets: count,
  reordered: count,
});

/** A file begins with these bytes, of which the last is the version of the format. */
export const MAGIC = Buffer.from("mtdnpkt\x01", "latin1");
/** Kinds of records. */
export const [HEAD_RECORD, PACKET_RECORD, END_RECORD] = [1, 2, 3] as const;
/** Bytes before the content of a record: its kind, and the length of the content. */
export const RECORD_HEAD = 5;
/** Bytes of a packet's times, flags, and number of pieces of side data. */
export const PACKET_HEAD = 8 + 8 + 8 + 4 + 4;
/** Bytes of the content of the last record, which spaces fill up: so it is found from the end of the file. */
export const END_LENGTH = 64;
