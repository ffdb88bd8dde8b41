import assert from "node:assert/strict";
import { UsageError } from "../src/errors.ts";
import { choiceFlag, numberFlag, parseFlags } from "../src/parse_flags.ts";

const SPECS = { start: { type: "string" }, json: { type: "boolean" } } as const;

Deno.test("parseFlags: what follows -- is no flag", () => {
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
    [["--nope"], /^Unknown option '--nope'\. Use --help to see all flags$/],
    [["--start"], /^Option '--start <value>' argument missing\. Use --help/],
    [["--start", "-x"], /^Option '--start' needs a value, but a flag follows\. Use --help/],
    [["--json=1"], /^Option '--json' does not take an argument\. Use --help/],
    [
      ["-dog.mp4"],
      /^Unknown option '-d'\. Use --help to see all flags\. Write a file of that name as \.\/-dog\.mp4$/,
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

Deno.test('parseFlags: "=" after one letter is refused, with two ways to write it', () => {
  const specs = { output: { type: "string", short: "o" }, help: { type: "boolean", short: "h" } } as const;
  for (const args of [["a.mp4", "-o=x.mp4"], ["-o=x.mp4", "--", "-b.mp4"]]) {
    assert.throws(() => parseFlags(args, specs), {
      name: "UsageError",
      message: 'Invalid flag "-o=x.mp4": one letter takes no "=". Write -o x.mp4 or --output=x.mp4',
    });
  }
  for (const args of [["-o", "x.mp4"], ["-ox.mp4"], ["--output=x.mp4"]]) {
    assert.equal(parseFlags(args, specs).values.output, "x.mp4");
  }
  assert.equal(parseFlags(["-o", "=x.mp4"], specs).values.output, "=x.mp4", "a name that is meant");
  assert.deepEqual(parseFlags(["--", "-o=x.mp4"], specs).positionals, ["-o=x.mp4"]);
});

Deno.test("numberFlag: numbers only, and only valid ones", () => {
  const flag = (text: string) => numberFlag("--crf", text, "a number from 0 to 63", (n) => n >= 0 && n <= 63);
  assert.deepEqual(["0", "18.5", "63"].map(flag), [0, 18.5, 63]);
  for (const text of ["", " ", "64", "abc", "Infinity", "1,5"]) {
    assert.throws(() => flag(text), {
      name: "UsageError",
      message: `Invalid value "${text}" for --crf: expected a number from 0 to 63`,
    });
  }
});

Deno.test("numberFlag, choiceFlag: a flag that is absent has no value", () => {
  assert.equal(numberFlag("--n", undefined, "a number", () => false), undefined);
  assert.equal(choiceFlag("--n", undefined, ["a"]), undefined);
});

Deno.test("choiceFlag: names the choices", () => {
  assert.equal(choiceFlag("--codec", "av1", ["h264", "av1"]), "av1");
  assert.throws(
    () => choiceFlag("--codec", "AV1", ["h264", "av1"]),
    /^UsageError: Invalid value "AV1" for --codec: expected h264 or av1$/,
  );
});
