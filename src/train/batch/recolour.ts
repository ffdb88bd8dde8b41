/** Other colours for a crop, blurry and sharp alike. */
export interface Colours {
  /** Which channel each of red, green and blue is made of. */
  readonly order: readonly [number, number, number];
  /** Samples 0 … 1 of its bytes. */
  readonly tables: readonly [Float32Array, Float32Array, Float32Array];
}

/** Each channel is itself. */
export const TRUE_COLOURS: Colours = { order: [0, 1, 2], tables: [table(1, 0), table(1, 0), table(1, 0)] };

const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const;

/**
 * Channels swapped and each with less contrast, somewhere between black and white. A mean of frames stays the mean of those
 * frames so changed: the same blur, on what might be another scene.
 */
export function randomColours(random: () => number): Colours {
  const order = ORDERS[Math.floor(random() * ORDERS.length)] ?? TRUE_COLOURS.order;
  const contrast = 0.7 + 0.3 * random();
  const light = random();
  const channel = () => table(contrast * (0.85 + 0.15 * random()), light);
  return { order, tables: [channel(), channel(), channel()] };
}

/** `light` is where between black (0) and white (1) what contrast is left lies. */
function table(contrast: number, light: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => light * (1 - contrast) + contrast * byte / 255);
}
