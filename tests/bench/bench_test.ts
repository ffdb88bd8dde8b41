import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const BENCH = fileURLToPath(new URL("../../bench/bench.ts", import.meta.url));

async function bench(...args: string[]) {
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];
  const command = ["run", "--quiet", "--unstable-webgpu", ...permissions, BENCH, ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: command }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("bench: what it cannot measure is refused in a line, and nothing is printed as a result", async () => {
  const cases: [string[], RegExp][] = [
    [["--side", "0"], /^Invalid value "0" for --side: expected a whole number of at least 16\n$/],
    [["--rounds", "some"], /^Invalid value "some" for --rounds/],
    [["--threads", "0"], /^Invalid value "0" for --threads/],
    [["--seconds=-1"], /^Invalid value "-1" for --seconds: expected seconds of at least 0\n$/],
    [["--device", "gpu"], /^Invalid value "gpu" for --device: expected cuda, /],
    [["fats", "--json"], /^There is no network "fats" here\. Choose some of fast, .*, SRN \(shape\)\n$/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await bench(...args);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
  }
});

Deno.test("bench --json: a row for each network, with what programs read", async () => {
  const { code, stdout, stderr } = await bench(
    ...["fast", "--json", "--side", "32", "--rounds", "1", "--seconds", "0", "--no-growth", "--threads", "1"],
  );
  assert.equal(code, 0, stderr);
  const [row, ...more] = JSON.parse(stdout).rows;
  assert.deepEqual([row.name, row.device, more], ["fast", "cpu", []]);
  for (const key of ["kmacPerPixel", "megapixelsPerSecond", "shareOfPeak"]) assert.ok(row[key] > 0, key);
  assert.ok(Number.isFinite(row.gainDb));
});
