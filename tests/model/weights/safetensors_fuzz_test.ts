import assert from "node:assert/strict";
import { WeightsError } from "../../../src/errors.ts";
import { parseSafetensors, serializeSafetensors } from "../../../src/model/weights/safetensors.ts";
import { mutateBytes, seededRandom } from "../../helpers/mutate_bytes.ts";

const MUTANTS = 100_000;

Deno.test(`parseSafetensors: ${MUTANTS} mutants are read, or refused with a WeightsError that names the file`, () => {
  const whole = serializeSafetensors(
    new Map([
      ["first.weight", { shape: [2, 1, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ["first.bias", { shape: [2], data: Float32Array.of(-1, 0.5) }],
      ["empty", { shape: [0, 4], data: new Float32Array() }],
    ]),
    { config: '{"channels":[2]}' },
  );
  const random = seededRandom(1);
  let [read, refused] = [0, 0];
  for (let i = 0; i < MUTANTS; i++) {
    const mutant = mutateBytes(whole, random);
    try {
      const { tensors } = parseSafetensors(mutant, "some.safetensors");
      for (const { shape, data } of tensors.values()) {
        assert.equal(data.length, shape.reduce((product, side) => product * side, 1));
      }
      read++;
    } catch (error) {
      if (!(error instanceof WeightsError)) throw new Error(`mutant ${i}: ${error}`, { cause: error });
      assert.ok(error.message.startsWith("some.safetensors: "));
      refused++;
    }
  }
  assert.equal(read + refused, MUTANTS);
  assert.ok(read > MUTANTS / 100 && refused > MUTANTS / 2, `${read} read, ${refused} refused`);
});
