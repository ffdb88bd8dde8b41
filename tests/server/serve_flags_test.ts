import assert from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { parseServeFlags, serveHelp } from "../../src/server/serve_flags.ts";

const CHOICES = {
  weights: new Map([["fast", "fast.safetensors"], ["fast-video", "fast-video.safetensors"]]),
  devices: new Map([["auto", "the first that works"], ["cpu", "the processor"]] as const),
};
const parse = (...args: string[]) => parseServeFlags(args, CHOICES);

Deno.test("parseServeFlags: defaults", () => {
  assert.deepEqual(parse(), {
    help: false,
    host: "127.0.0.1",
    port: 8080,
    name: [],
    weights: CHOICES.weights,
    preset: "fast-video",
    device: "auto",
    detail: 1,
    viewers: 64,
    recursive: false,
    open: false,
    uploadLimit: 16 * 2 ** 30,
  });
});

Deno.test("parseServeFlags: folders, files and sizes of the workbench", () => {
  const flags = parse(
    "clips",
    "--recursive",
    "--open",
    "--jobs",
    "work",
    "--token-file",
    "secret",
    "--upload-limit",
    "1.5G",
  );
  assert.deepEqual(
    [flags.source, flags.recursive, flags.open, flags.jobs, flags.tokenFile, flags.uploadLimit],
    ["clips", true, true, "work", "secret", 1.5 * 2 ** 30],
  );
  const sizes = [["500", 500], ["500M", 500 * 2 ** 20], ["8g", 8 * 2 ** 30], ["10KiB", 10240], [
    "2 TB",
    NaN,
  ]] as const;
  for (const [text, bytes] of sizes.slice(0, 4)) {
    assert.equal(parse("--upload-limit", text).uploadLimit, bytes);
  }
});

Deno.test("parseServeFlags names what is not valid", () => {
  const bad: readonly (readonly [string[], RegExp])[] = [
    [
      ["--upload-limit", "much"],
      /^Invalid value "much" for --upload-limit: expected a size such as 500M or 8G$/,
    ],
    [["--upload-limit", "0"], /for --upload-limit: expected a size/],
    [["--upload-limit", "2 TB"], /for --upload-limit: expected a size/],
    [["--jobs", ""], /^Invalid value "" for --jobs: expected a path$/],
    [["--token-file", ""], /^Invalid value "" for --token-file: expected a path$/],
    [["--preset", "best"], /no weights for preset "best"\. Choose one of fast, fast-video$/],
    [["a.mp4", "b.mp4"], /^2 sources are given/],
  ];
  for (const [args, message] of bad) {
    assert.throws(
      () => parse(...args),
      (error) => error instanceof UsageError && message.test(error.message),
      args.join(" "),
    );
  }
});

Deno.test("parseServeFlags: weights of one's own are the only preset, named after their file", () => {
  const { weights, preset } = parse("--weights", "runs/my best.safetensors");
  assert.deepEqual([[...weights], preset], [[["my_best", "runs/my best.safetensors"]], "my_best"]);
});

Deno.test("serveHelp names every flag, and every device with what it is", () => {
  const help = serveHelp(CHOICES.devices);
  for (
    const flag of [
      "open",
      "recursive",
      "jobs",
      "token-file",
      "upload-limit",
      "port",
      "host",
      "name",
      "viewers",
    ]
  ) {
    assert.ok(help.includes(`--${flag}`), flag);
  }
  assert.match(help, /cpu +the processor/);
});
