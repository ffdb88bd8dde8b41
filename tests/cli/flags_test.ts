import assert from "node:assert/strict";
import { asUsage, countFlag, sizeFlag, timeFlag } from "../../src/cli/flags.ts";
import { OptionError } from "../../src/errors.ts";

for (
  const [text, seconds] of [
    ["0", 0],
    ["12.5", 12.5],
    ["90", 90],
    ["1:30", 90],
    ["0:05.25", 5.25],
    ["1:02:03.5", 3723.5],
    ["100:00:00", 360000],
  ] as const
) {
  Deno.test(`timeFlag: ${text} is ${seconds} s`, () => assert.equal(timeFlag("--start", text), seconds));
}

for (const text of ["", "x", "-1", "1:", ":1", "1:75:00", "1e3", "NaN", "1:2:3:4", "5s", " 5"]) {
  Deno.test(`timeFlag: "${text}" is refused with the flag and what is valid`, () => {
    assert.throws(() => timeFlag("--start", text), {
      name: "UsageError",
      message: `Invalid value "${text}" for --start: expected seconds (12.5) or h:mm:ss (1:02:03.5)`,
    });
  });
}

Deno.test("countFlag, timeFlag: a flag that is absent has no value", () => {
  assert.equal(countFlag("--n", undefined), undefined);
  assert.equal(timeFlag("--n", undefined), undefined);
});

Deno.test("sizeFlag: bytes, or a number and a unit of 1024", () => {
  const sizes = ["1000", "2G", "1.5GiB", "800m", "512 MB", "1k", "1T"].map((text) =>
    sizeFlag("--memory", text)
  );
  assert.deepEqual(sizes, [1000, 2 ** 31, 1.5 * 2 ** 30, 800 * 2 ** 20, 2 ** 29, 1024, 2 ** 40]);
  assert.equal(sizeFlag("--memory", undefined), undefined);
  for (const text of ["", "G", "-1G", "0", "2X", "1e9", "2 G B", "Infinity"]) {
    assert.throws(() => sizeFlag("--memory", text), {
      name: "UsageError",
      message: `Invalid value "${text}" for --memory: expected a size, such as 2G or 800M`,
    });
  }
});

Deno.test("countFlag: whole numbers from the least", () => {
  assert.equal(countFlag("--n", "7"), 7);
  assert.equal(countFlag("--n", "0", 0), 0);
  for (const text of ["0", "1.5", "-3", "9007199254740993"]) {
    assert.throws(
      () => countFlag("--n", text),
      /Invalid value ".*" for --n: expected a whole number of at least 1/,
    );
  }
});

Deno.test("asUsage: an option that the library refuses is a usage error; other errors stay as they are", async () => {
  assert.equal(await asUsage(() => Promise.resolve(3)), 3);
  await assert.rejects(asUsage(() => Promise.reject(new OptionError("crf is 60"))), {
    name: "UsageError",
    message: "crf is 60",
  });
  for (const defect of [new TypeError("not a function"), new RangeError("Invalid array length")]) {
    await assert.rejects(asUsage(() => Promise.reject(defect)), defect);
  }
});
