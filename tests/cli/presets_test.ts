import assert from "node:assert/strict";
import type { CommandIo } from "../../src/cli/command_io.ts";
import { presetsCommand } from "../../src/cli/presets.ts";
import { PRESETS } from "../../src/model/network/config.ts";

async function presets(...args: string[]): Promise<string> {
  let stdout = "";
  const io: CommandIo = {
    stdout: (text) => stdout += text,
    stderr: (text) => assert.fail(`said ${text}`),
    isTerminal: false,
    signal: new AbortController().signal,
  };
  assert.equal(await presetsCommand(args, io), 0);
  return stdout;
}

Deno.test("presets counts every preset, with SRN's published size beside", async () => {
  const lines = (await presets()).split("\n");
  for (const name of Object.keys(PRESETS)) assert.ok(lines.some((line) => line.startsWith(`${name} `)), name);
  assert.match(lines.find((line) => line.startsWith("SRN*")) ?? "", / 8\.10 M /);
});

Deno.test("presets --json counts the smoke preset as by hand", async () => {
  const found: { preset: string; parameters: number }[] = JSON.parse(await presets("--json"));
  const conv = (kernel: number, from: number, to: number) => kernel ** 2 * from * to + to;
  const block = (channels: number) => 2 * conv(3, channels, channels);
  const encoder = conv(7, 6, 12) + block(12) + conv(3, 12, 16) + block(16);
  const decoder = conv(4, 16, 12) + block(12) + conv(8, 12, 3);
  assert.equal(found.find(({ preset }) => preset === "smoke")?.parameters, encoder + 2 * decoder);
});

Deno.test("presets refuses arguments it does not have", async () => {
  await assert.rejects(async () => await presets("fast"), { name: "UsageError", message: /fast/ });
  await assert.rejects(async () => await presets("--gpu"), { name: "UsageError", message: /--gpu/ });
});
