import assert from "node:assert/strict";
import { asUsage, choiceFlag, countFlag, numberFlag, parseFlags, timeFlag } from "../../src/cli/flags.ts";
import { UsageError } from "../../src/errors.ts";

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
  Deno.test(`timeFlag: "${text}" is refused with the flag and what was wanted`, () => {
    assert.throws(() => timeFlag("--start", text), {
      name: "UsageError",
      message: `--start is "${text}"; wanted seconds (12.5) or h:mm:ss (1:02:03.5)`,
    });
  });
}

Deno.test("numberFlag, countFlag, choiceFlag: a flag that is absent has no value", () => {
  assert.equal(numberFlag("--n", undefined, "a number", () => false), undefined);
  assert.equal(countFlag("--n", undefined), undefined);
  assert.equal(choiceFlag("--n", undefined, ["a"]), undefined);
  assert.equal(timeFlag("--n", undefined), undefined);
});

Deno.test("numberFlag: numbers only, and only right ones", () => {
  const flag = (text: string) => numberFlag("--crf", text, "a number from 0 to 63", (n) => n >= 0 && n <= 63);
  assert.deepEqual(["0", "18.5", "63"].map(flag), [0, 18.5, 63]);
  for (const text of ["", " ", "64", "abc", "Infinity", "1,5"]) {
    assert.throws(() => flag(text), {
      name: "UsageError",
      message: `--crf is "${text}"; wanted a number from 0 to 63`,
    });
  }
});

Deno.test("countFlag: whole numbers from the least", () => {
  assert.equal(countFlag("--n", "7"), 7);
  assert.equal(countFlag("--n", "0", 0), 0);
  for (const text of ["0", "1.5", "-3", "9007199254740993"]) {
    assert.throws(() => countFlag("--n", text), /--n is ".*"; wanted a whole number from 1/);
  }
});

Deno.test("choiceFlag: names the choices", () => {
  assert.equal(choiceFlag("--codec", "av1", ["h264", "av1"]), "av1");
  assert.throws(
    () => choiceFlag("--codec", "AV1", ["h264", "av1"]),
    /^UsageError: --codec is "AV1"; wanted h264, av1$/,
  );
});

const SPECS = { start: { type: "string" }, json: { type: "boolean" } } as const;

Deno.test("parseFlags: what is behind -- is no flag", () => {
  const { values, positionals } = parseFlags(["a", "--start=3", "--", "-x.mp4", "--json"], SPECS);
  assert.deepEqual({ ...values }, { start: "3" });
  assert.deepEqual(positionals, ["a", "-x.mp4", "--json"]);
});

Deno.test("parseFlags: a negative number is a value, for the flag to refuse by name", () => {
  for (const number of ["-5", "-.5", "-1:30"]) {
    const { values } = parseFlags(["--json", "--start", number, "a"], SPECS);
    assert.deepEqual({ ...values }, { json: true, start: number });
  }
  assert.deepEqual(parseFlags(["--", "--start", "-5"], SPECS).positionals, ["--start", "-5"]);
  assert.throws(() => parseFlags(["--json", "-5"], SPECS), /Unknown option '-5'/);
});

for (
  const [args, message] of [
    [["--nope"], /^Unknown option '--nope'; --help lists the flags$/],
    [["--start"], /^Option '--start <value>' argument missing; --help/],
    [["--start", "-x"], /^Option '--start' wants a value, and what follows looks like a flag; --help/],
    [["--json=1"], /^Option '--json' does not take an argument; --help/],
    [
      ["-dog.mp4"],
      /^Unknown option '-d'; --help lists the flags; a file of that name is written \.\/-dog\.mp4$/,
    ],
  ] as const
) {
  Deno.test(`parseFlags: ${args.join(" ")} is refused in one line`, () => {
    assert.throws(() => parseFlags(args, SPECS), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test('parseFlags: "=" after one letter is refused, with what to write instead', () => {
  const specs = { output: { type: "string", short: "o" }, help: { type: "boolean", short: "h" } } as const;
  for (const args of [["a.mp4", "-o=x.mp4"], ["-o=x.mp4", "--", "-b.mp4"]]) {
    assert.throws(() => parseFlags(args, specs), {
      name: "UsageError",
      message: '"-o=x.mp4" has "=" after -o; wanted -o x.mp4 or --output=x.mp4',
    });
  }
  for (const args of [["-o", "x.mp4"], ["-ox.mp4"], ["--output=x.mp4"]]) {
    assert.equal(parseFlags(args, specs).values.output, "x.mp4");
  }
  assert.equal(parseFlags(["-o", "=x.mp4"], specs).values.output, "=x.mp4", "a name that is meant");
  assert.deepEqual(parseFlags(["--", "-o=x.mp4"], specs).positionals, ["-o=x.mp4"]);
});

Deno.test("asUsage: a value the library refuses is the user's mistake; other errors are not", async () => {
  assert.equal(await asUsage(() => Promise.resolve(3)), 3);
  await assert.rejects(asUsage(() => Promise.reject(new RangeError("crf is 60"))), {
    name: "UsageError",
    message: "crf is 60",
  });
  const defect = new TypeError("not a function");
  await assert.rejects(asUsage(() => Promise.reject(defect)), defect);
});
