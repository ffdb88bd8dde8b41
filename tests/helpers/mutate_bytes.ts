/** A random number from 0 to below `count`, which is the same for the same seed. */
export type Random = (count: number) => number;

/** Mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}

/** What a reader of JSON or of lengths may stumble over. */
const TOKENS = [
  ...[
    "0",
    "-1",
    "1e999",
    "9007199254740993",
    "4294967295",
    "0.5",
    "null",
    "true",
    '""',
    "{}",
    "[]",
    "[[[[",
    "}}",
    ",",
    ":",
    '"',
  ],
  ...['"__proto__"', '"constructor"', '"../../x"', "\\u0000", "\\ud800", "NaN", "\n", "\0"],
].map((text) => new TextEncoder().encode(text));

/** A copy of `bytes` with one to four things wrong with it: bits, bytes, tokens, parts missing, repeated or out of place. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let mutant = new Uint8Array(bytes);
  for (let times = 1 + random(4); times > 0; times--) mutant = mutateOnce(mutant, random);
  return mutant;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = random(bytes.length + 1);
  const length = random(Math.min(24, bytes.length - at + 1));
  const splice = (removed: number, added: Uint8Array) => {
    const rest = bytes.subarray(at + removed);
    const spliced = new Uint8Array(at + added.length + rest.length);
    spliced.set(bytes.subarray(0, at));
    spliced.set(added, at);
    spliced.set(rest, at + added.length);
    return spliced;
  };
  switch (random(7)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    case 1:
      return bytes.fill(random(256), at, at + length);
    case 2:
      return bytes.slice(0, at);
    case 3:
      return splice(length, new Uint8Array());
    case 4:
      return splice(0, bytes.slice(at, at + length));
    case 5:
      return splice(0, Uint8Array.from({ length }, () => random(256)));
    default:
      return splice(random(2) * length, TOKENS[random(TOKENS.length)] ?? new Uint8Array());
  }
}
