import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthCommand } from "../../../src/cli/synth/synth.ts";
import { SYNTH_HELP } from "../../../src/cli/synth/synth_flags.ts";
import { UsageError } from "../../../src/errors.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { writeY4m } from "../../helpers/y4m.ts";

async function run(...args: string[]) {
  return await runOn(false, args);
}

async function runOn(isTerminal: boolean, args: string[]) {
  const said = { stdout: "", stderr: "" };
  const code = await synthCommand(args, {
    stdout: (text) => said.stdout += text,
    stderr: (text) => said.stderr += text,
    isTerminal,
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

Deno.test("synth prints its help on stdout", async () => {
  assert.deepEqual(await run("--help"), { code: 0, stdout: SYNTH_HELP, stderr: "" });
});

Deno.test("synth makes pairs of footage and reports them as JSON", async () => {
  const folder = await mkdtemp(join(tmpdir(), "synth-cli-"));
  try {
    const footage = join(folder, "clip.y4m");
    await writeY4m(footage, {
      width: 16,
      height: 16,
      rate: 240,
      frames: 20,
      luma: (x, y, frame) => 50 + 9 * ((x + y + frame) % 16),
    });
    const output = join(folder, "pairs");
    const { code, stdout, stderr } = await run(footage, "-o", output, "--frames", "7", "--json");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), { output, pairs: 2, sources: 1, duplicatesDropped: 0 });
    assert.equal((await listPairs(output)).length, 2);
    assert.match(
      (await run(footage, "-o", output, "--overwrite", "--mode", "realistic")).stderr,
      /^Wrote \d pairs? to /,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("synth --manifest makes all pairs again, or one, from footage that is recognised by its hash", async () => {
  const folder = await mkdtemp(join(tmpdir(), "synth-cli-"));
  try {
    const footage = join(folder, "clip.y4m");
    const write = (bright: number) =>
      writeY4m(footage, {
        width: 32,
        height: 32,
        rate: 240,
        frames: 60,
        luma: (x, y, frame) => bright + 9 * ((x + y + frame) % 16),
      });
    await write(50);
    const [output, all, one] = ["pairs", "all", "one"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await run(footage, "-o", output, "--mode", "realistic", "--h264", "20..30", "--frames", "7");
    const manifest = join(output, "manifest.json");
    const { stdout } = await run("--manifest", manifest, footage, "-o", all, "--json");
    const files = (await readdir(output, { recursive: true })).filter((name) => /\.(png|json)$/.test(name))
      .sort();
    assert.ok(files.length > 8);
    assert.deepEqual(JSON.parse(stdout), { output: all, pairs: (files.length - 1) / 2 });
    for (const name of files) {
      assert.deepEqual(await readFile(join(all, name)), await readFile(join(output, name)), name);
    }
    const { stderr } = await run("--manifest", manifest, "--pair", "clip_00/000002", footage, "-o", one);
    assert.equal(stderr, `Made 1 pair again in ${one}\n`);
    const pictures = (await readdir(one, { recursive: true })).filter((name) => name.endsWith(".png")).sort();
    assert.deepEqual(pictures, ["clip_00/blur/000002.png", "clip_00/sharp/000002.png"]);
    for (const name of pictures) {
      assert.deepEqual(await readFile(join(one, name)), await readFile(join(output, name)), name);
    }
    await assert.rejects(
      run("--manifest", manifest, "--pair", "clip_00/000099", footage, "-o", join(folder, "no")),
      {
        name: "UsageError",
        message: /no pair "clip_00\/000099"\. Its pairs are clip_00\/000001 to clip_00\//,
      },
    );
    await write(51);
    await assert.rejects(run("--manifest", manifest, footage, "-o", join(folder, "no")), {
      name: "MediaError",
      message: /clip\.y4m: This is not the file that the pairs were made from: its SHA-256 is/,
    });
    assert.deepEqual((await readdir(folder)).sort(), ["all", "clip.y4m", "one", "pairs"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Options that the library refuses. */
const USAGE: readonly (readonly [args: string, message: RegExp])[] = [
  ["a.mp4 -o out --gamma srgb", /use mode realistic/],
  ["a.mp4 -o out --frames 8", /Invalid value 8 for frames: expected/],
  ["--photos p -o out --size 0x0", /Invalid value 0x0 for size: expected 64x64 or more/],
  ["--photos p -o out --size 640x63", /Invalid value 640x63 for size: expected 64x64 or more/],
  ["--photos p --video v.mp4 --size 0x0", /Invalid value 0x0 for size: expected even numbers from 16/],
  ["--photos p --video v.mp4 --seconds 0", /Invalid value 0 for seconds/],
  ["a.mp4 -o out --h264 30", /h264 does nothing in mode gopro/],
  ["a.mp4 -o out --mode realistic --h264 60", /Invalid value "60" for --h264: .*from 0 to 51/],
];

for (const [args, message] of USAGE) {
  Deno.test(`synth ${args || "without arguments"} is a usage error that says what is valid`, async () => {
    await assert.rejects(run(...args.split(" ").filter(Boolean)), (error: Error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
