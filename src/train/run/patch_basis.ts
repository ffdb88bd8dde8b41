/**
 * First-layer kernels that keep all information: a cosine basis of the pixels of one stride × stride step. Each component is there with both signs,
 * so that ReLU loses nothing, and finer ones are amplified, so that all have a similar size (pictures have little power at high frequencies).
 * Random kernels mix fine detail with brightness, which takes a deblurring network hours to separate again.
 *
 * @param kernel Changed: `[size, size, inputs, channels]`. The weights of the blurry picture, the first three inputs, are replaced, the
 * others are made small.
 */
export function putPatchBasis(kernel: Float32Array, size: number, channels: number, stride: number): void {
  const before = Math.floor((size - stride) / 2); // position of the step's pixels with TensorFlow's `same` padding
  const components = basis(stride).slice(0, channels >> 1);
  const inputs = kernel.length / (size * size * channels);
  for (let i = 0; i < kernel.length; i++) kernel[i] = 0.1 * (kernel[i] ?? 0);
  components.forEach(({ vertical, horizontal, colour, gain }, n) => {
    for (let y = 0; y < stride; y++) {
      for (let x = 0; x < stride; x++) {
        for (let c = 0; c < 3; c++) {
          const value = gain * (vertical[y] ?? 0) * (horizontal[x] ?? 0) * (colour[c] ?? 0);
          const at = (((y + before) * size + x + before) * inputs + c) * channels + 2 * n;
          kernel[at] = value;
          kernel[at + 1] = -value;
        }
      }
    }
  });
}

/** Brightness and two colour differences. */
const COLOURS = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.SQRT2, 0, -1 / Math.SQRT2],
  [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
] as const;

/** Orthonormal components, brightness before colour and coarse before fine. */
function basis(side: number) {
  const cosine = (k: number) =>
    Array.from(
      { length: side },
      (_, i) => Math.sqrt((k === 0 ? 1 : 2) / side) * Math.cos(Math.PI * k * (i + 0.5) / side),
    );
  const components = [];
  for (const [c, colour] of COLOURS.entries()) {
    for (let v = 0; v < side; v++) {
      for (let h = 0; h < side; h++) {
        const frequency = Math.hypot(v, h);
        components.push({
          vertical: cosine(v),
          horizontal: cosine(h),
          colour,
          order: frequency + (c === 0 ? 0 : 2),
          gain: (frequency === 0 ? 0.5 : 1.5 * frequency) * (c === 0 ? 1 : 2),
        });
      }
    }
  }
  return components.sort((a, b) => a.order - b.order);
}
