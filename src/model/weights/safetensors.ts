import { messageOf, WeightsError } from "../../errors.ts";

/** One tensor of a `.safetensors` file. */
export interface TensorData {
  /** Sides, slowest first. */
  readonly shape: readonly number[];
  /** The values, the last side fastest. */
  readonly data: Float32Array;
}

/** What a `.safetensors` file holds. */
export interface Safetensors {
  /** By name. */
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** What the writer noted. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Types that are read, with the bytes of one value. */
const DTYPES = { F32: 4, F16: 2 } as const;
type Dtype = keyof typeof DTYPES;

/**
 * Reads the safetensors format strictly: floats of 32 or 16 bits, every byte of the buffer in exactly one tensor.
 *
 * @param path Names the file in errors.
 * @throws {WeightsError} naming what is damaged.
 */
export function parseSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const refuse = (message: string, tensor?: string): never => {
    throw new WeightsError(
      path,
      `not a usable .safetensors file: ${message}`,
      tensor === undefined ? {} : { tensor },
    );
  };
  if (bytes.length < 8) refuse(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(bytes.length - 8)) {
    refuse(`the header claims ${headerLength} bytes, the file has ${bytes.length}`);
  }
  const dataStart = 8 + Number(headerLength);
  const header = parseHeader(bytes.subarray(8, dataStart), refuse);
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    return refuse("its metadata are not strings");
  }
  const entries = Object.entries(described).map(([name, value]) => parseEntry(name, value, refuse));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  const tensors = new Map<string, TensorData>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== expected) {
      refuse(
        `tensor "${name}" begins at byte ${begin}, not ${expected}: tensors overlap or leave a gap`,
        name,
      );
    }
    if (end > bytes.length - dataStart) {
      refuse(`tensor "${name}" ends at byte ${end}, beyond the end of the file`, name);
    }
    tensors.set(name, { shape, data: readFloats(bytes, dataStart + begin, dataStart + end, dtype) });
    expected = end;
  }
  if (dataStart + expected !== bytes.length) {
    refuse(`${bytes.length - dataStart - expected} bytes belong to no tensor`);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/** Writes tensors in the safetensors format, 32-bit floats, in the order of the map. */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset += data.byteLength] };
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  let position = 8 + padded;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

type Refuse = (message: string, tensor?: string) => never;

function parseHeader(json: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    return refuse(`its header is not JSON (${messageOf(error)})`);
  }
  return isRecord(header) ? header : refuse("its header is not a JSON object");
}

function parseEntry(name: string, value: unknown, refuse: Refuse): Entry {
  if (!isRecord(value)) return refuse(`tensor "${name}" is not described by an object`, name);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    return refuse(`tensor "${name}" has type ${JSON.stringify(dtype)}, not "F32" or "F16"`, name);
  }
  if (!isCounts(shape)) return refuse(`tensor "${name}" has shape ${JSON.stringify(shape)}`, name);
  if (!isCounts(offsets) || offsets.length !== 2) {
    return refuse(`tensor "${name}" has no two data_offsets`, name);
  }
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, side) => product * side, DTYPES[dtype]);
  if (end - begin !== size) {
    return refuse(`tensor "${name}" of shape [${shape}] needs ${size} bytes, has ${end - begin}`, name);
  }
  return { name, dtype, shape, begin, end };
}

/** A copy of the bytes, as 32-bit floats. */
function readFloats(bytes: Uint8Array, begin: number, end: number, dtype: Dtype): Float32Array {
  const own = new Uint8Array(bytes.subarray(begin, end)); // aligned, and its own buffer, also where `bytes` is a Buffer
  return dtype === "F32" ? new Float32Array(own.buffer) : Float32Array.from(new Float16Array(own.buffer));
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(DTYPES, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
