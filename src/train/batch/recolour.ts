/** A change of colours, the same for the blurry and the sharp crop. */
export interface Colours {
  /** Source channels of red, green and blue. */
  readonly order: readonly [number, number, number];
  /** Values 0 … 1 of the bytes of each channel. */
  readonly tables: readonly [Float32Array, Float32Array, Float32Array];
}

/** No change. */
export const TRUE_COLOURS: Colours = { order: [0, 1, 2], tables: [table(1, 0), table(1, 0), table(1, 0)] };

const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const;

/**
 * Channels swapped, and each with less contrast, anywhere between black and white. The change is linear, so the mean of changed frames is the
 * changed mean: the blur stays correct.
 */
export function randomColours(random: () => number): Colours {
  const order = ORDERS[Math.floor(random() * ORDERS.length)] ?? TRUE_COLOURS.order;
  const contrast = 0.7 + 0.3 * random();
  const light = random();
  const channel = () => table(contrast * (0.85 + 0.15 * random()), light);
  return { order, tables: [channel(), channel(), channel()] };
}

/** @param light Position of the remaining contrast between black (0) and white (1). */
function table(contrast: number, light: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => light * (1 - contrast) + contrast * byte / 255);
}
