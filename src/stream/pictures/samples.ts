/** Samples of a picture, of 8 or 16 bits. */
export type Samples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** New samples of the same depth. */
function samplesLike(like: Samples, length: number): Samples {
  return like instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}

/** Stored samples of 1 to 4 channels (grey, grey and opacity, RGB, RGB and opacity) as packed RGB and the opacity. */
export function toRgb(stored: Samples, channels: number): { data: Samples; alpha?: Samples } {
  if (channels === 3) return { data: stored };
  const pixels = stored.length / channels;
  const data = samplesLike(stored, pixels * 3);
  const step = channels > 2 ? 1 : 0;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[3 * i + c] = stored[channels * i + c * step] ?? 0;
  }
  if (channels === 1) return { data };
  const alpha = samplesLike(stored, pixels);
  for (let i = 0; i < pixels; i++) alpha[i] = stored[channels * i + channels - 1] ?? 0;
  return { data, alpha };
}

/** Packed RGB and an opacity as samples of 1 to 4 channels; grey is the luma of BT.709, opaque where none is given. */
export function fromRgb(data: Samples, alpha: Samples | undefined, channels: number): Samples {
  if (channels === 3) return data;
  const pixels = data.length / 3;
  const stored = samplesLike(data, pixels * channels);
  const opaque = data instanceof Uint16Array ? 65535 : 255;
  for (let i = 0; i < pixels; i++) {
    const [r = 0, g = 0, b = 0] = [data[3 * i], data[3 * i + 1], data[3 * i + 2]];
    if (channels < 3) stored[channels * i] = Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b);
    else stored.set([r, g, b], channels * i);
    if (channels % 2 === 0) stored[channels * i + channels - 1] = alpha?.[i] ?? opaque;
  }
  return stored;
}
