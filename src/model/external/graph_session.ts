/** Types of samples that a graph's pictures may have. */
export const SAMPLE_TYPES = ["float32", "float16", "uint8", "uint16"] as const;

/** An entry of {@linkcode SAMPLE_TYPES}. */
export type SampleType = (typeof SAMPLE_TYPES)[number];

/** Samples of a tensor, in memory. */
export type Samples =
  | Float32Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>;

/** What goes into a graph or comes out of it. */
export interface GraphTensor {
  /** By ONNX Runtime's name. */
  readonly type: SampleType;
  readonly dims: readonly number[];
  readonly data: Samples;
}

/** What a graph says of one of its inputs. */
export interface GraphInput {
  readonly name: string;
  /** Element type, by ONNX Runtime's name. */
  readonly type: string;
  /** Sides; `undefined` where the graph says that any will do. */
  readonly shape: readonly (number | undefined)[];
}

/** A graph that is loaded and can be run. */
export interface GraphSession {
  readonly inputs: readonly GraphInput[];
  /** @throws {Error} whatever the runtime says of inputs that it cannot run on. */
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<ReadonlyMap<string, GraphTensor>>;
}

/** An empty buffer for `count` samples. */
export function blankSamples(type: SampleType, count: number): Samples {
  switch (type) {
    case "float32":
      return new Float32Array(count);
    case "float16":
      return new Float16Array(count);
    case "uint8":
      return new Uint8Array(count);
    case "uint16":
      return new Uint16Array(count);
  }
}
