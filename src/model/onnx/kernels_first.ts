import type { TensorData } from "../weights/safetensors.ts";

/** `[k, k, a, b]` to `[b, a, k, k]`: HWIO to OIHW, and for a transposed kernel HWOI to IOHW. */
export function kernelsFirst({ shape, data }: TensorData): TensorData {
  const [height = 0, width = 0, a = 0, b = 0] = shape;
  const taps = height * width;
  const turned = new Float32Array(data.length);
  let from = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) turned[(j * a + i) * taps + tap] = data[from++] ?? 0;
    }
  }
  return { shape: [b, a, height, width], data: turned };
}
