import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandIo } from "../../src/cli/command_io.ts";
import { exportCommand } from "../../src/cli/export.ts";
import { PRESETS } from "../../src/model/network/config.ts";
import { exportOnnx } from "../../src/model/onnx/export_onnx.ts";
import { readWeights, serializeWeights } from "../../src/model/weights/weights.ts";
import { randomWeights } from "../helpers/random_weights.ts";

function listen() {
  const heard = { stdout: "", stderr: "" };
  const io: CommandIo = {
    stdout: (text) => heard.stdout += text,
    stderr: (text) => heard.stderr += text,
    isTerminal: false,
    signal: new AbortController().signal,
  };
  return { heard, io };
}

async function withWeights(test: (folder: string, weights: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "export-test-"));
  try {
    const weights = join(folder, "smoke.safetensors");
    await writeFile(weights, serializeWeights(randomWeights(PRESETS.smoke)));
    await test(folder, weights);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (
  const [args, message] of [
    [[], /Nothing to export/],
    [["a", "b", "-o", "c"], /"b".*one file of WEIGHTS/],
    [["a"], /-o FILE\.onnx/],
    [["a", "-o", "b", "--depth", "10"], /Invalid value "10" for --depth: expected 8 or 16/],
    [["a", "-o", "./a"], /Choose another name/],
    [["a", "--format", "tflite"], /--format/],
  ] as const
) {
  Deno.test(`export ${args.join(" ")} is a usage error`, async () => {
    await assert.rejects(exportCommand(args, listen().io), { name: "UsageError", message });
  });
}

Deno.test("export writes the network that exportOnnx makes, and no part of a file beside it", () =>
  withWeights(async (folder, path) => {
    const { heard, io } = listen();
    const output = join(folder, "smoke.onnx");
    assert.equal(await exportCommand([path, "-o", output, "--depth", "16", "--branches"], io), 0);
    const written = await readFile(output);
    const expected = exportOnnx(await readWeights(path), { depth: 16, branches: true });
    assert.ok(expected.every((byte, i) => byte === written[i]) && written.length === expected.length);
    assert.deepEqual((await readdir(folder)).sort(), ["smoke.onnx", "smoke.safetensors"]);
    assert.match(heard.stderr, /multiples of 16/);
  }));

Deno.test("export replaces a file only with --overwrite", () =>
  withWeights(async (folder, path) => {
    const output = join(folder, "smoke.onnx");
    await writeFile(output, "mine");
    await assert.rejects(exportCommand([path, "-o", output], listen().io), {
      name: "MediaError",
      message: /The output exists\. Use another name, or --overwrite/,
    });
    assert.equal(await readFile(output, "utf8"), "mine");
    await writeFile(`${output}.part`, "another's");
    await assert.rejects(exportCommand([path, "-o", output, "--overwrite"], listen().io), {
      name: "MediaError",
      message: /smoke\.onnx\.part: It is there already/,
    });
    assert.equal(await readFile(`${output}.part`, "utf8"), "another's");
    await rm(`${output}.part`);
    assert.equal(await exportCommand([path, "-o", output, "--overwrite"], listen().io), 0);
    assert.ok((await readFile(output)).length > 10_000);
  }));

Deno.test("export names weights that are not there and a folder that is not there", () =>
  withWeights(async (folder, path) => {
    await assert.rejects(exportCommand([`${path}x`, "-o", join(folder, "a.onnx")], listen().io), {
      name: "WeightsError",
      message: /no such weights file/,
    });
    await assert.rejects(exportCommand([path, "-o", join(folder, "none/a.onnx")], listen().io), {
      name: "MediaError",
      message: /There is no folder .*none/,
    });
    assert.deepEqual(await readdir(folder), ["smoke.safetensors"]);
  }));

Deno.test("export --help says what the sides of a picture have to be multiples of", async () => {
  const { heard, io } = listen();
  assert.equal(await exportCommand(["--help"], io), 0);
  assert.match(heard.stdout, /multiples of 32 \(preset fast; .* "size_multiple"\)/);
});
