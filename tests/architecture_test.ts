import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Import, importGraph, ROOT, sourceFiles } from "./helpers/import_graph.ts";

const MOST_LINES = 300;

/** Rooms in which every file with logic of its own has a test under the same path. */
const MIRRORED = /^(?:src\/(?:server|worker|cli|train|jobs)|static)\//;

/** Rooms of the program, and which others each may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  noun: [],
  motion: ["noun"],
  model: ["noun", "motion"],
  stream: ["noun"],
  deblur: ["noun", "motion", "model", "stream"],
  mod: ["noun", "model", "stream", "deblur"],
  jobs: ["noun", "model", "stream", "deblur"],
  train: ["noun", "motion", "model"],
  cli: ["noun", "mod"],
  server: ["noun", "mod", "static"],
};

const RECODE_H264 = "src/train/synth/recode_h264.ts";

/** What may be imported beyond {@linkcode MAY_IMPORT}, each with its reason. */
const EXCEPTIONS: readonly ((edge: Import) => boolean)[] = [
  // The trainer reads and writes videos whole; it has no use for the rest of the stream.
  ({ from, to }) =>
    roomOf(from) === "train" && /^src\/stream\/(?:decode\/open_video|encode\/create_video)\.ts$/.test(to),
  // It compresses training pictures as the encoder and the decoder of the stream do, in memory.
  ({ from, to }) => from === RECODE_H264 && roomOf(to) === "stream",
  // Deblurring never loads the trainer, the preview only with --preview, and what cuts videos into segments only for long ones.
  ({ from, to, isDynamic, isTypeOnly }) =>
    roomOf(from) === "cli" && (isDynamic || isTypeOnly) && ["train", "server", "jobs"].includes(roomOf(to)),
  // Tables of settings, which load nothing.
  ({ from, to }) =>
    /^src\/cli\/(?:synth\/synth|train\/train)_flags\.ts$/.test(from) &&
    /^src\/train\/(?:config|settings?|synth\/synth_options)\.ts$/.test(to),
];

/** Folders of a room, and which others of it each may import; "" are the files beside them. */
const MAY_IMPORT_INSIDE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "src/stream": {
    ffmpeg: [""],
    layout: [],
    animation: ["ffmpeg"],
    decode: ["", "ffmpeg", "layout"],
    check: ["", "ffmpeg"],
    packets: ["", "ffmpeg"],
    encode: ["", "ffmpeg", "layout", "animation", "check", "packets"],
    segments: ["", "ffmpeg", "encode"],
    pipe: ["", "ffmpeg", "encode"],
    live: ["", "ffmpeg", "decode"],
    pictures: ["", "ffmpeg"],
    process: ["", "ffmpeg", "encode"],
  },
  "src/train": {
    data: [""],
    camera: ["", "data"],
    batch: ["", "camera", "data"],
    step: ["", "batch"],
    graph: ["", "batch", "step"],
    run: ["", "batch", "data", "graph", "step", "tensorflow"],
    report: ["", "data", "evaluate", "run"],
    synth: ["", "camera", "data"],
    evaluate: ["", "data"],
    calibrate: ["", "data", "evaluate"],
    tensorflow: [""],
    tune: ["", "camera", "data", "evaluate", "run", "tensorflow"],
  },
};

/** The files beside those folders that offer all of the room, and so import every folder. */
const FACADES = ["src/stream/open_media.ts", "src/stream/create_output.ts", "src/train/mod.ts"];

/** Files in a folder that one still finds one's way in. */
const MOST_FILES = 14;

/** Packages that only some rooms, or files, may know. */
const PACKAGES: readonly (readonly [package_: RegExp, roomsAndFiles: readonly string[]])[] = [
  [/^node-av\b/, ["stream", RECODE_H264]],
  [/^hono\b/, ["server"]],
  [/^onnxruntime-node\b/, ["model"]],
  [/^@tensorflow\//, ["model", "train"]],
  [/^cli-progress\b/, ["cli"]],
  [/^@nats-io\//, ["jobs"]],
];

const ROOMS: readonly (readonly [path: RegExp, room: string])[] = [
  [
    /^src\/(?:(?:frame|errors|media_name|parse_flags|progress|stop_signals|crop_picture|part_file|part_lock|hash_file|list_folder|list_media|list_restorable|passed_over|display_region|locate_network|unfinished_outputs|free_memory|job_memory)\.ts|worker\/)/,
    "noun",
  ],
  [
    /^src\/(?:around_times|deblur|deblur_stream|estimate_job|frame_run|fuse_frames|judge_frames|lazy_media|only_times|restore_frame|restore_once|side_by_side|still_parts)\.ts$/,
    "deblur",
  ],
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

Deno.test("architecture: a folder of a room looks only into those it may, and only the facades into all", () => {
  for (const [room, folders] of Object.entries(MAY_IMPORT_INSIDE)) {
    const folderOf = (path: string) => path.slice(room.length + 1).split("/").slice(0, -1).join("/");
    const edges = inside.filter(({ from, to }) => from.startsWith(`${room}/`) && to.startsWith(`${room}/`));
    const used = new Set(edges.map(({ from }) => folderOf(from)));
    assert.deepEqual([...used].sort(), ["", ...Object.keys(folders)].sort());
    const strays = edges.filter(({ from, to, isTypeOnly }) => {
      const [here, there] = [folderOf(from), folderOf(to)];
      if (here === there || FACADES.includes(from)) return false;
      return here === "" ? !isTypeOnly : !folders[here]?.includes(there);
    });
    assert.deepEqual(strays.map(({ from, to }) => `${from} imports ${to}`), []);
  }
});

Deno.test("architecture: the road through an external ffmpeg is loaded only when it is asked for", () => {
  const isProcess = (path: string) => path.startsWith("src/stream/process/");
  const users = inside.filter(({ from, to }) => isProcess(to) && !isProcess(from));
  assert.deepEqual(users.map(({ from }) => from).sort(), [
    "src/stream/create_output.ts",
    "src/stream/open_media.ts",
  ]);
  assert.ok(users.every(({ isDynamic }) => isDynamic));
});

Deno.test(`architecture: no folder of the stream and the trainer holds more than ${MOST_FILES} files`, () => {
  const inFolders = files.filter((file) => /^src\/(?:stream|train)\//.test(file));
  const folders = Map.groupBy(inFolders, (file) => file.slice(0, file.lastIndexOf("/")));
  for (const [folder, { length }] of folders) {
    assert.ok(length <= MOST_FILES, `${folder} holds ${length} files`);
  }
});

Deno.test("architecture: every exception is in use", () => {
  for (const [i, allows] of EXCEPTIONS.entries()) assert.ok(inside.some(allows), `exception ${i} can go`);
});

Deno.test("architecture: packages stay in their rooms", () => {
  for (const [package_, allowed] of PACKAGES) {
    const users = graph.filter(({ to }) => package_.test(to));
    assert.ok(users.length > 0, `nobody imports ${package_}`);
    const strays = users.filter(({ from }) => !allowed.includes(roomOf(from)) && !allowed.includes(from));
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
  assert.ok(
    loaded.has("src/stream/decode/video_decoder.ts") && loaded.has("src/model/engine/open_engine.ts"),
  );
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
