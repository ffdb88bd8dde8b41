// @ts-check
/** @import { Region } from "../src/crop_picture.ts" */

/**
 * The layout of a binary message: a header, a table of pictures, the pictures. Little-endian. The server writes messages
 * with this module, and the page reads them with it.
 *
 * @module
 */

/** @typedef {"blurry" | "result" | "up" | "down"} PartKind One of the four views of Fig. 3. */
/** @typedef {"image/jpeg" | "image/webp" | "image/png"} PartFormat */
/** @typedef {{ readonly kind: PartKind, readonly format: PartFormat, readonly bytes: Uint8Array<ArrayBuffer> }} Part */

/**
 * @typedef {"restored" | "saved" | "blurry"} FrameStage `saved` answers `save`: lossless, whole, and without credit. `blurry`
 * comes before a frame that takes long to restore, without credit, and has the blurry picture only.
 */

/**
 * @typedef {object} FrameMessage
 * @property {number} sequence Number of the message in its connection; `credit` reports it as painted.
 * @property {number} index Number of the frame in its source, from 0.
 * @property {boolean} isEstimated Whether that number was computed from the time and may be wrong.
 * @property {number} seconds Presentation time from the start of the source.
 * @property {number} width Of the whole picture as displayed, in pixels.
 * @property {number} height Of the whole picture as displayed, in pixels.
 * @property {Region} region The part of it that the pictures show, in its pixels.
 * @property {number} serverMs Milliseconds from decoding to sending.
 * @property {number} detail Gain of what the network changed.
 * @property {FrameStage} stage
 * @property {readonly Part[]} parts
 */

const MAGIC = 0x4e44544d; // "MTDN"
const VERSION = 2;
const HEADER_BYTES = 64;
const ROW_BYTES = 8;
/** @type {readonly PartKind[]} */
const KINDS = ["blurry", "result", "up", "down"];
/** @type {readonly PartFormat[]} */
const FORMATS = ["image/jpeg", "image/webp", "image/png"];
/** @type {readonly FrameStage[]} */
const STAGES = ["restored", "saved", "blurry"];

/**
 * Writes a message.
 *
 * @param {FrameMessage} message
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeFrameMessage(message) {
  const tableEnd = HEADER_BYTES + ROW_BYTES * message.parts.length;
  const bytes = new Uint8Array(message.parts.reduce((sum, part) => sum + part.bytes.byteLength, tableEnd));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  view.setUint8(5, STAGES.indexOf(message.stage));
  view.setUint8(6, message.parts.length);
  view.setUint8(7, message.isEstimated ? 1 : 0);
  view.setUint32(8, message.sequence, true);
  view.setUint32(12, message.index, true);
  view.setFloat64(16, message.seconds, true);
  const { x, y, width, height } = message.region;
  [message.width, message.height, x, y, width, height].forEach((n, i) => view.setUint32(24 + 4 * i, n, true));
  view.setFloat32(48, message.serverMs, true);
  view.setFloat32(52, message.detail, true);
  let at = tableEnd;
  message.parts.forEach((part, i) => {
    const row = HEADER_BYTES + ROW_BYTES * i;
    view.setUint8(row, KINDS.indexOf(part.kind));
    view.setUint8(row + 1, FORMATS.indexOf(part.format));
    view.setUint32(row + 4, part.bytes.byteLength, true);
    bytes.set(part.bytes, at);
    at += part.bytes.byteLength;
  });
  return bytes;
}

/**
 * Reads a message. The pictures are views of `buffer`, not copies.
 *
 * @param {ArrayBuffer} buffer
 * @returns {FrameMessage}
 * @throws {TypeError} if it is truncated or of another version.
 */
export function decodeFrameMessage(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC || view.getUint8(4) !== VERSION) {
    throw new TypeError(`Malformed frame message: it is not version ${VERSION} of this protocol`);
  }
  const at = (/** @type {number} */ offset) => view.getUint32(offset, true);
  const stage = STAGES[view.getUint8(5)];
  if (stage === undefined) throw new TypeError("Malformed frame message: it is of an unknown stage");
  return {
    stage,
    isEstimated: view.getUint8(7) === 1,
    sequence: at(8),
    index: at(12),
    seconds: view.getFloat64(16, true),
    width: at(24),
    height: at(28),
    region: { x: at(32), y: at(36), width: at(40), height: at(44) },
    serverMs: view.getFloat32(48, true),
    detail: view.getFloat32(52, true),
    parts: decodeParts(buffer, view),
  };
}

/**
 * @param {ArrayBuffer} buffer
 * @param {DataView} view
 * @returns {Part[]}
 */
function decodeParts(buffer, view) {
  const count = view.getUint8(6);
  let at = HEADER_BYTES + ROW_BYTES * count;
  if (at > buffer.byteLength) throw new TypeError("Malformed frame message: it is truncated");
  const parts = [];
  for (let i = 0; i < count; i++) {
    const row = HEADER_BYTES + ROW_BYTES * i;
    const kind = KINDS[view.getUint8(row)];
    const format = FORMATS[view.getUint8(row + 1)];
    const length = view.getUint32(row + 4, true);
    if (kind === undefined || format === undefined || at + length > buffer.byteLength) {
      throw new TypeError(
        `Malformed frame message: picture ${i} of ${count} is truncated or of an unknown kind`,
      );
    }
    parts.push({ kind, format, bytes: new Uint8Array(buffer, at, length) });
    at += length;
  }
  return parts;
}
