import { Buffer } from "node:buffer";
import fc from "fast-check";
import assert from "node:assert/strict";
import { WeightsError } from "../../../src/errors.ts";
import { parseSafetensors, serializeSafetensors } from "../../../src/model/weights/safetensors.ts";

const PATH = "some.safetensors";

/** A file with this header, as text or as an object, and these bytes after it. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

function refuses(bytes: Uint8Array, message: RegExp, name?: string): void {
  assert.throws(() => parseSafetensors(bytes, PATH), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.equal(error.path, PATH);
    assert.equal(error.tensor, name);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("parseSafetensors: reads back what serializeSafetensors wrote, to the bit, from any offset of a buffer", () => {
  const shapes = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), { maxLength: 4 });
  const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
  fc.assert(fc.property(shapes, texts, fc.nat(9), (shapes, metadata, offset) => {
    const tensors = new Map(shapes.map((shape, i) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return [`layer ${i}`, {
        shape,
        data: Float32Array.from({ length: size }, (_, j) => Math.fround(j / 7 - i)),
      }];
    }));
    const written = serializeSafetensors(tensors, metadata);
    const moved = new Uint8Array(offset + written.length);
    moved.set(written, offset);
    const read = parseSafetensors(moved.subarray(offset), PATH);
    assert.deepEqual(new Map(read.tensors), tensors);
    assert.deepEqual({ ...read.metadata }, { ...metadata });
  }));
});

Deno.test("parseSafetensors: reads a Buffer that is a view, as readFile gives it", () => {
  const tensors = new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]);
  const bytes = Buffer.concat([Buffer.alloc(3), serializeSafetensors(tensors)]).subarray(3);
  assert.deepEqual(parseSafetensors(bytes, PATH).tensors.get("a"), tensors.get("a"));
});

Deno.test("parseSafetensors: widens 16-bit floats", () => {
  const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc100, 0x0001).buffer); // 1, -2.5, 2^-24
  const { tensors } = parseSafetensors(file({ a: tensor(0, 6, [3], "F16") }, halves), PATH);
  assert.deepEqual(tensors.get("a"), { shape: [3], data: Float32Array.of(1, -2.5, 2 ** -24) });
});

Deno.test("parseSafetensors: refuses a damaged file, saying what is wrong with which tensor", () => {
  refuses(new Uint8Array(0), /0 bytes are too few/);
  refuses(file({}).subarray(0, 9), /the header claims 2 bytes/);
  refuses(
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 0),
    /the header claims 18446744073709551615 bytes/,
  );
  refuses(file("{"), /header is not JSON/);
  refuses(file("[]"), /header is not a JSON object/);
  refuses(file("null"), /header is not a JSON object/);
  refuses(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), /header is not JSON/);
  refuses(file({ __metadata__: { a: 1 } }), /metadata are not strings/);
  refuses(file({ __metadata__: [] }), /metadata are not strings/);
  refuses(file({ a: 1 }), /"a" is not described by an object/, "a");
  refuses(
    file({ a: tensor(0, 4, [1], "F64") }, [0, 0, 0, 0]),
    /"a" has type "F64", not "F32" or "F16"/,
    "a",
  );
  refuses(file({ a: { ...tensor(0, 4), shape: [-1] } }, [0, 0, 0, 0]), /"a" has shape \[-1\]/, "a");
  refuses(file({ a: { ...tensor(0, 4), shape: [0.5] } }, [0, 0, 0, 0]), /"a" has shape \[0.5\]/, "a");
  refuses(
    file({ a: { ...tensor(0, 4), data_offsets: [0] } }, [0, 0, 0, 0]),
    /"a" has no two data_offsets/,
    "a",
  );
  refuses(file({ a: tensor(0, 4, [2]) }, [0, 0, 0, 0]), /"a" of shape \[2\] needs 8 bytes, has 4/, "a");
  refuses(file({ a: tensor(4, 0, [1]) }, [0, 0, 0, 0]), /needs 4 bytes, has -4/, "a");
  refuses(file({ a: tensor(0, 8) }, [0, 0, 0, 0]), /"a" ends at byte 8, beyond the end/, "a");
  refuses(file({ a: tensor(0, 2 ** 52) }), /"a" ends at byte 4503599627370496, beyond the end/, "a");
  refuses(
    file({ a: tensor(0, 8), b: tensor(4, 12) }, new Uint8Array(12)),
    /"b" begins at byte 4, not 8/,
    "b",
  );
  refuses(
    file({ a: tensor(0, 4), b: tensor(8, 12) }, new Uint8Array(12)),
    /"b" begins at byte 8, not 4/,
    "b",
  );
  refuses(file({ a: tensor(0, 4) }, new Uint8Array(6)), /2 bytes belong to no tensor/);
});

Deno.test("parseSafetensors: any bytes, and any damage to a good file, give tensors no larger than the file or a WeightsError", () => {
  const good = serializeSafetensors(
    new Map([
      ["a", { shape: [2, 3], data: new Float32Array(6) }],
      ["b", { shape: [4], data: new Float32Array(4) }],
    ]),
    { config: "{}" },
  );
  const check = (bytes: Uint8Array) => {
    try {
      const { tensors } = parseSafetensors(bytes, PATH);
      const values = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
      assert.ok(2 * values <= bytes.length);
    } catch (error) {
      assert.ok(error instanceof WeightsError, String(error));
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), check));
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(damage, fc.nat(good.length), (damage, length) => {
    const bytes = good.slice();
    for (const [at, value] of damage) bytes[at] = value;
    check(bytes);
    check(bytes.subarray(0, length));
  }));
  // Headers that are JSON, with fields of any kind where numbers, lists and texts belong.
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.record({
      dtype: fc.oneof(fc.constantFrom("F32", "F16", "I8"), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.maxSafeInteger(), { maxLength: 3 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(fc.maxSafeInteger(), fc.maxSafeInteger()), fc.jsonValue()),
    }),
  );
  const header = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__metadata__", "__proto__")), entry);
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 16 }), (header, data) => check(file(header, data))),
  );
});
