/**
 * A stream of numbers in [0, 1) that depends on `keys` alone, the same on every machine: sfc32 (Doty-Humphrey's small
 * fast counter), seeded by hashing the keys. Keyed by what it is for (`createRandom(seed, "batch", step)`), any part of
 * a run can be rebuilt without the parts before it.
 */
export function createRandom(...keys: readonly (number | string)[]): () => number {
  const text = keys.map((key) => `${typeof key === "string" ? "s" : "n"}${key}`).join("\u0000");
  let a = hash(text, 0x9e3779b9);
  let b = hash(text, 0x243f6a88);
  let c = hash(text, 0xb7e15162);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next(); // nearby keys part only after a few rounds
  return next;
}

/** A number from the normal distribution of mean 0 and deviation 1 (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** MurmurHash3's mixing over UTF-16 code units. */
function hash(text: string, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64 | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
