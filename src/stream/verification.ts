/** How a finished video is checked: not at all, by what the packets of each stream say, or by decoding it too. */
export type Verification = "off" | "streams" | "decode";

/** Every {@linkcode Verification}. */
export const VERIFICATIONS: readonly Verification[] = ["off", "streams", "decode"];
