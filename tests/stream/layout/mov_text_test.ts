import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { subRipOf } from "../../../src/stream/layout/mov_text.ts";

/** A sample with styles: of each its first character, the one after its last, and its bits. */
function sample(text: Uint8Array, ...styles: readonly (readonly [number, number, number])[]): Uint8Array {
  const entries = styles.map(([from, to, face]) => [0, from, 0, to, 0, 1, face, 18, 255, 255, 255, 255]);
  const box = Buffer.from([
    0,
    0,
    0,
    10 + 12 * styles.length,
    ...Buffer.from("styl"),
    0,
    styles.length,
    ...entries.flat(),
  ]);
  return Buffer.concat([Buffer.of(text.length >> 8, text.length), text, ...(styles.length > 0 ? [box] : [])]);
}

function shown(bytes: Uint8Array): string | undefined {
  const converted = subRipOf(bytes);
  return converted && new TextDecoder().decode(converted);
}

Deno.test("subRipOf: text, in UTF-8 or UTF-16, with bold, italics and underlines; nothing of what shows nothing", () => {
  assert.equal(shown(sample(Buffer.from("Grüße, 世界"))), "Grüße, 世界");
  const wide = Buffer.from("\ufeffGrüße", "utf16le").swap16();
  assert.equal(shown(sample(wide)), "Grüße");
  assert.equal(
    shown(sample(Buffer.from("über all das"), [5, 8, 1], [9, 12, 6])),
    "über <b>all</b> <i><u>das</u></i>",
  );
  assert.equal(shown(sample(Buffer.from("plain"), [0, 5, 0])), "plain");
  for (const empty of [Buffer.alloc(0), sample(Buffer.alloc(0)), sample(Buffer.from(" \n"))]) {
    assert.equal(subRipOf(empty), undefined);
  }
});

Deno.test("subRipOf: no empty line, which would end the subtitle", () => {
  assert.equal(shown(sample(Buffer.from("one\r\n\r\ntwo\n\n\nthree"))), "one\ntwo\nthree");
});

Deno.test("subRipOf: damaged bytes do not make it fail", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    assert.ok((subRipOf(bytes)?.length ?? 0) < 2000);
  }));
});
