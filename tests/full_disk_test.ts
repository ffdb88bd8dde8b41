import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { writeSmokeWeights } from "./helpers/smoke_weights.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";
import { PERMISSIONS } from "./helpers/permissions.ts";

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const SAMPLE = fileURLToPath(new URL("../samples/spaniels.mp4", import.meta.url));
const SHIPPED = fileURLToPath(new URL("../weights/fast.safetensors", import.meta.url));

/**
 * Runs a command in a process of its own that cannot let a file grow above 128 KiB (256 KiB with some shells): to a program
 * the same as a disk that is full, without one.
 */
async function runWithFullDisk(args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  const command = [Deno.execPath(), "run", "--quiet", "--no-prompt", ...PERMISSIONS, CLI, ...args];
  const limited = 'trap "" XFSZ; ulimit -f 256; exec "$@"';
  return await new Promise((resolve) =>
    execFile(
      "sh",
      ["-c", limited, "sh", ...command],
      (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }),
    )
  );
}

/** A folder with weights of the smoke preset and a photo of noise, which no format makes small. */
async function noisyFolder() {
  const folder = await temporaryFolder();
  await writeSmokeWeights(folder.file("smoke.safetensors"));
  await mkdir(folder.file("photos"));
  const raw = { width: 800, height: 600, channels: 3 } as const;
  const noise = randomFillSync(new Uint8Array(raw.width * raw.height * raw.channels));
  await sharp(noise, { raw }).png().toFile(folder.file("photos/noise.png"));
  return folder;
}

for (
  const { args, output, told } of [
    {
      args: ["export", SHIPPED, "--overwrite"],
      output: "out.onnx",
      told: /out\.onnx: Cannot be written: .+/,
    },
    {
      args: ["deblur", "PHOTOS/noise.png", "--quiet", "--weights", "WEIGHTS"],
      output: "out.png",
      told: /out\.png: Cannot be written: .+/,
    },
    {
      args: ["deblur", SAMPLE, "--duration", "1", "--quiet", "--weights", "WEIGHTS"],
      output: "out.mp4",
      told: /out\.mp4: Cannot .*: File too large/,
    },
    {
      args: ["synth", "--photos", "PHOTOS", "--pairs", "1"],
      output: "pairs",
      told: /pairs\.part\/photos\/\w+\/000001\.png: Cannot be written: .+/,
    },
  ]
) {
  Deno.test({
    name: `a full disk: ${args[0]} says so in one line that names ${output}, and leaves nothing behind`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using folder = await noisyFolder();
      const overwrites = args.includes("--overwrite");
      if (overwrites) await writeFile(folder.file(output), "the old one");
      const before = await readdir(folder.path);
      const filled = args.map((arg) =>
        arg.replace("PHOTOS", folder.file("photos")).replace("WEIGHTS", folder.file("smoke.safetensors"))
      );
      const { code, stderr } = await runWithFullDisk([...filled, "-o", folder.file(output)]);
      assert.match(stderr.trimEnd().split("\n").at(-1) ?? "", told, stderr);
      assert.doesNotMatch(stderr, /^ +at /m);
      assert.equal(code, 1);
      assert.deepEqual(await readdir(folder.path), before);
      if (overwrites) assert.equal(await readFile(folder.file(output), "utf8"), "the old one");
    },
  });
}
