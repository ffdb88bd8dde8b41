import { KernelMemory } from "../../motion/kernel_memory.ts";
import { soften8 } from "../../motion/kernels.wasm";
import { gaussian } from "../gaussian.ts";

/** A square RGB picture blurred by a Gaussian of `sigma` pixels, as a softer lens would have recorded it; edges are repeated. */
export function soften(picture: Uint8Array, size: number, sigma: number): Uint8Array<ArrayBuffer> {
  const radius = Math.ceil(3 * sigma);
  const memory = new KernelMemory();
  const [from, out] = [memory.copy(picture), memory.room(picture.length)];
  const kernel = memory.copy(gaussian(new Float32Array(2 * radius + 1), sigma));
  const across = size + 2 * radius;
  const [line, rows] = [memory.room(12 * across), memory.room(12 * size * across)];
  soften8(from, size, kernel, radius, line, rows, out);
  return new Uint8Array(memory.read(out, picture.length));
}
