import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Import, importGraph, ROOT, sourceFiles } from "./helpers/import_graph.ts";

const MOST_LINES = 300;

/** Rooms in which every file with logic of its own has a test under the same path. */
const MIRRORED = /^(?:src\/(?:server|worker|cli\/(?!train))|static)\//;

/** Rooms of the program, and which others each may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  noun: [],
  model: ["noun"],
  stream: ["noun"],
  deblur: ["noun", "model", "stream"],
  mod: ["noun", "model", "stream", "deblur"],
  train: ["noun", "model"],
  cli: ["noun", "mod"],
  server: ["noun", "mod", "static"],
};

/** What may be imported beyond {@linkcode MAY_IMPORT}, each with its reason. */
const EXCEPTIONS: readonly ((edge: Import) => boolean)[] = [
  // The trainer reads and writes videos whole, and sends pictures through a codec; it has no use for the rest of the stream.
  ({ from, to }) =>
    roomOf(from) === "train" && /^src\/stream\/(?:open_video|write_video|recode_h264)\.ts$/.test(to),
  // Deblurring never loads the trainer, and the preview only with --preview.
  ({ from, to, isDynamic, isTypeOnly }) =>
    roomOf(from) === "cli" && (isDynamic || isTypeOnly) && ["train", "server"].includes(roomOf(to)),
  // A table of settings, which loads nothing.
  ({ from, to }) => from === "src/cli/train_flags.ts" && to === "src/train/config.ts",
];

/** Packages that only some rooms may know. */
const PACKAGES: readonly (readonly [package_: RegExp, rooms: readonly string[]])[] = [
  [/^node-av\b/, ["stream"]],
  [/^hono\b/, ["server"]],
  [/^onnxruntime-node\b/, ["model"]],
  [/^@tensorflow\//, ["model", "train"]],
  [/^cli-progress\b/, ["cli"]],
];

const ROOMS: readonly (readonly [path: RegExp, room: string])[] = [
  [
    /^src\/(?:(?:frame|errors|media_name|parse_flags|progress|stop_signals|crop_picture|part_file|unfinished_outputs)\.ts|worker\/)/,
    "noun",
  ],
  [/^src\/(?:deblur|estimate_job|lazy_media|side_by_side|still_parts|measure_motion)\.ts$/, "deblur"],
  [/^src\/(\w+)\//, "$1"],
  [/^(mod|cli|server)\.ts$/, "$1"],
  [/^static\//, "static"],
];

function roomOf(path: string): string {
  const [pattern, room] = ROOMS.find(([pattern]) => pattern.test(path)) ?? [/.*/, "unknown"];
  return path.replace(new RegExp(`${pattern.source}.*$`), room);
}

const files = await sourceFiles();
const { imports: graph, errors } = await importGraph(files);
const inside = graph.filter(({ to }) => roomOf(to) !== "unknown");

Deno.test("architecture: every file is in a room, and the graph sees every file", () => {
  assert.deepEqual(files.filter((file) => roomOf(file) === "unknown"), []);
  assert.deepEqual(errors, []);
  const rooms = new Set(files.map(roomOf));
  for (const room of Object.keys(MAY_IMPORT)) assert.ok(rooms.has(room), `no file is in ${room}`);
  assert.ok(inside.length > files.length, "fewer imports than files: something was not parsed");
});

Deno.test("architecture: a room imports only the rooms it may", () => {
  const strays = inside.filter((edge) => {
    const [from, to] = [roomOf(edge.from), roomOf(edge.to)];
    return from !== to && from !== "static" && !MAY_IMPORT[from]?.includes(to) &&
      !EXCEPTIONS.some((allows) => allows(edge));
  });
  assert.deepEqual(strays.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("architecture: every exception is in use", () => {
  for (const [i, allows] of EXCEPTIONS.entries()) assert.ok(inside.some(allows), `exception ${i} can go`);
});

Deno.test("architecture: packages stay in their rooms", () => {
  for (const [package_, rooms] of PACKAGES) {
    const users = graph.filter(({ to }) => package_.test(to));
    assert.ok(users.length > 0, `nobody imports ${package_}`);
    const strays = users.filter(({ from }) => !rooms.includes(roomOf(from)));
    assert.deepEqual(strays.map(({ from, to }) => `${from} imports ${to}`), []);
  }
});

Deno.test("architecture: no file imports itself, by whatever way round", () => {
  const targets = Map.groupBy(inside, ({ from }) => from);
  const cycleFrom = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" > ");
    if (isClear.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const cycle = cycleFrom(to, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    isClear.add(file);
    return undefined;
  };
  const isClear = new Set<string>();
  assert.deepEqual(files.map((file) => cycleFrom(file, [])).filter((cycle) => cycle !== undefined), []);
});

Deno.test("architecture: the library never loads the trainer, the server or the command line", () => {
  const loaded = new Set(["mod.ts"]);
  for (const file of loaded) {
    for (const { from, to } of inside) if (from === file) loaded.add(to);
  }
  assert.ok(loaded.has("src/stream/video_decoder.ts") && loaded.has("src/model/open_engine.ts"));
  assert.deepEqual([...loaded].filter((file) => ["train", "server", "cli"].includes(roomOf(file))), []);
});

Deno.test("architecture: every file with logic of its own has a test under the same path", async () => {
  const tests = await readdir(new URL("tests", ROOT), { recursive: true });
  const page = (await readdir(new URL("static", ROOT))).filter((name) => name.endsWith(".js"));
  const untested: string[] = [];
  for (
    const file of [...files, ...page.map((name) => `static/${name}`)].filter((file) => MIRRORED.test(file))
  ) {
    const hasLogic = /^export (?:default )?(?:async )?(?:function|class|const)\b/m.test(
      await readFile(new URL(file, ROOT), "utf8"),
    );
    const path = file.replace(/^src\//, "").replace(/\.(?:ts|js)$/, "");
    const hasTest = tests.some((test) =>
      test.replaceAll("\\", "/").startsWith(`${path}_`) && test.endsWith("_test.ts")
    );
    if (hasLogic && !hasTest) untested.push(file);
  }
  assert.deepEqual(untested, []);
});

Deno.test(`architecture: no file of the program is longer than ${MOST_LINES} lines, or left unfinished`, async () => {
  for (const file of files) {
    const lines = (await readFile(new URL(file, ROOT), "utf8")).split("\n");
    assert.ok(lines.length - 1 <= MOST_LINES, `${file} has ${lines.length - 1} lines`);
    const unfinished = lines.findIndex((line) =>
      /\b(?:TODO|FIXME|XXX|HACK)\b|(?:deno-lint|ts)-ignore/.test(line)
    );
    assert.equal(unfinished, -1, `${file}:${unfinished + 1}`);
  }
});

Deno.test("architecture: no console, no any, no non-null assertion", async () => {
  const rules = ["no-console", "no-explicit-any", "no-non-null-assertion", "ban-ts-comment"];
  const args = ["lint", "--json", `--rules-include=${rules}`, ...files];
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(
    Deno.execPath(),
    args,
    { cwd: fileURLToPath(ROOT), maxBuffer: 2 ** 26 },
    (_error, stdout) => resolve(stdout), // a lint that finds something fails, and says what on stdout
  );
  const { diagnostics, errors } = JSON.parse(await promise) as LintReport;
  assert.deepEqual(errors, []);
  const found = diagnostics.filter(({ code }) => rules.includes(code));
  assert.deepEqual(found.map(({ filename, range, code }) => `${filename}:${range.start.line} ${code}`), []);
});

/** What `deno lint --json` says, as far as it is read here. */
interface LintReport {
  readonly errors: readonly unknown[];
  readonly diagnostics: readonly {
    readonly code: string;
    readonly filename: string;
    readonly range: { readonly start: { readonly line: number } };
  }[];
}
