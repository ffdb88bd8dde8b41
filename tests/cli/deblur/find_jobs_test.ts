import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findJobs, partialName } from "../../../src/cli/deblur/find_jobs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A folder of empty files; what is in them does not matter here. */
async function folderOf(...names: string[]) {
  const folder = await temporaryFolder();
  for (const name of names) {
    await mkdir(dirname(folder.file(name)), { recursive: true });
    await writeFile(folder.file(name), "");
  }
  const found = async (inputs: string[], output?: string, recursive = false) => {
    const { jobs } = await findJobs(inputs.map(folder.file), {
      recursive,
      output: output === undefined ? output : folder.file(output),
    });
    return jobs.map((job) => [job.input, job.output].map((path) => path.slice(folder.path.length + 1)));
  };
  return { ...folder, found, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

Deno.test("findJobs: a folder of videos and pictures is each of them, results and hidden files aside", async () => {
  await using folder = await folderOf(
    ...["d/b.MP4", "d/a.png", "d/1.jpg", "d/notes.txt", "d/.hidden.mp4", "d/b.deblurred.MP4"],
    ...["d/c.deblurred.partial.mkv", "d/sub/x.mp4"],
  );
  assert.deepEqual(await folder.found(["d"]), [
    ["d/b.MP4", "d/b.deblurred.MP4"],
    ["d/1.jpg", "d/1.deblurred.jpg"],
    ["d/a.png", "d/a.deblurred.png"],
  ]);
});

Deno.test("findJobs: what is in folders of a folder is taken with --recursive, and else counted, as all that is not", async () => {
  await using folder = await folderOf(
    ...["d/a.mp4", "d/sub/b.mp4", "d/sub/deeper/c.png", "d/shots/1.png", "d/shots/2.png"],
    ...["d/notes.txt", "d/.hidden.mp4", "d/old.deblurred.mp4"],
  );
  assert.deepEqual(await folder.found(["d"]), [["d/a.mp4", "d/a.deblurred.mp4"]]);
  const { passedOver } = await findJobs([folder.file("d")]);
  assert.equal(
    passedOver,
    "Not listed: 1 hidden file or folder, 1 result of an earlier run, 1 file that is neither video nor picture by its name, " +
      "2 folders (add --recursive for what is in them)",
  );
  assert.deepEqual(await folder.found(["d"], undefined, true), [
    ["d/a.mp4", "d/a.deblurred.mp4"],
    ["d/shots", "d/shots.deblurred"],
    ["d/sub/b.mp4", "d/sub/b.deblurred.mp4"],
    ["d/sub/deeper/c.png", "d/sub/deeper/c.deblurred.png"],
  ]);
  assert.deepEqual((await folder.found(["d"], "out", true)).map(([, output]) => output), [
    "out/a.deblurred.mp4",
    "out/shots.deblurred",
    "out/sub/b.deblurred.mp4",
    "out/sub/deeper/c.deblurred.png",
  ]);
  const { folders } = await findJobs([folder.file("d")], { output: folder.file("out"), recursive: true });
  assert.deepEqual(folders, ["out", "out/sub", "out/sub/deeper"].map(folder.file));
});

Deno.test("findJobs: a folder of numbered pictures is one sequence, unless there are videos, or one picture only", async () => {
  await using folder = await folderOf("s/frame-9.png", "s/frame-10.png", "s/readme.md", "m/1.png", "m/2.png");
  assert.deepEqual(await folder.found(["s"]), [["s", "s.deblurred"]]);
  assert.deepEqual(await folder.found(["s"], "out"), [["s", "out"]]);
  await writeFile(folder.file("m/clip.mp4"), "");
  assert.deepEqual((await folder.found(["m"])).map(([input]) => input), ["m/clip.mp4", "m/1.png", "m/2.png"]);
  await mkdir(folder.file("one"));
  await writeFile(folder.file("one/1.png"), "");
  assert.deepEqual(await folder.found(["one"]), [["one/1.png", "one/1.deblurred.png"]]);
});

Deno.test("findJobs: in a folder .ts and .mts are videos by their packets, not TypeScript", async () => {
  await using folder = await folderOf("d/code.ts", "d/empty.mts", "d/clip.mp4");
  await writeFile(folder.file("d/code.ts"), "export const one = 1;\n".repeat(20));
  const packet = new Uint8Array(188).fill(0xff).fill(0x47, 0, 1);
  await writeFile(folder.file("d/stream.ts"), packet);
  const timed = new Uint8Array(192).fill(0xff).fill(0, 0, 4).fill(0x47, 4, 5);
  await writeFile(folder.file("d/camera.MTS"), Uint8Array.from([...timed, ...timed]));
  assert.deepEqual((await folder.found(["d"])).map(([input]) => input), [
    "d/camera.MTS",
    "d/clip.mp4",
    "d/stream.ts",
  ]);
});

Deno.test("findJobs: many dots, no extension, a folder with a dot", async () => {
  await using folder = await folderOf("a.b.c.mov", "film", "shots.v2/1.png", "shots.v2/2.png");
  assert.deepEqual(await folder.found(["a.b.c.mov", "film", "shots.v2"]), [
    ["a.b.c.mov", "a.b.c.deblurred.mov"],
    ["film", "film.deblurred.mkv"],
    ["shots.v2", "shots.v2.deblurred"],
  ]);
});

Deno.test("findJobs: one output is a file, several go to a folder, which is not made here", async () => {
  await using folder = await folderOf("a.mp4", "b.mp4");
  assert.deepEqual(await folder.found(["a.mp4"], "out.mkv"), [["a.mp4", "out.mkv"]]);
  assert.deepEqual(await folder.found(["a.mp4", "b.mp4"], "out"), [
    ["a.mp4", "out/a.deblurred.mp4"],
    ["b.mp4", "out/b.deblurred.mp4"],
  ]);
  const { folders } = await findJobs([folder.file("a.mp4")], { output: folder.file("new/") });
  assert.deepEqual(folders, [folder.file("new/")]);
  assert.deepEqual((await readdir(folder.path)).sort(), ["a.mp4", "b.mp4"]);
});

Deno.test("findJobs: results stay in the words of the user; . and .. are named by where they are", async () => {
  const { jobs } = await findJobs(["clips/a.mp4", "./-x.mp4"]);
  assert.deepEqual(jobs.map(({ output }) => output), [join("clips", "a.deblurred.mp4"), "-x.deblurred.mp4"]);
  await using folder = await folderOf("s/1.png", "s/2.png");
  const { jobs: [sequence] } = await findJobs([folder.file("s/.")]);
  assert.equal(sequence?.output, folder.file("s.deblurred"));
});

Deno.test("findJobs: refuses results that would take the place of an input or of each other", async () => {
  await using folder = await folderOf("a.mp4", "a.deblurred.mp4", "d/a.mp4");
  await assert.rejects(
    folder.found(["a.mp4", "a.deblurred.mp4"]),
    /output ".*a\.deblurred\.mp4" is an input/,
  );
  await assert.rejects(folder.found(["a.mp4", "a.mp4"], "out"), /Two inputs would be written to/);
  await assert.rejects(folder.found(["a.mp4", "a.mp4"]), /Two inputs would be written to/);
});

Deno.test("findJobs: a folder to write is not named like a picture, unless it is there; a folder of pictures may become a video", async () => {
  await using folder = await folderOf("s/1.png", "s/2.png", "a.mp4", "b.mp4");
  assert.deepEqual(await folder.found(["s"], "o.mp4"), [["s", "o.mp4"]]);
  for (const name of ["o.gif", "o.apng", "o.webp"]) {
    assert.deepEqual(await folder.found(["s"], name), [["s", name]]);
  }
  for (const name of ["o.PNG", "o.jpg", "f/%06d.png"]) {
    await assert.rejects(folder.found(["s"], name), {
      name: "UsageError",
      message: new RegExp(
        `^-o is ".*${name}", the name of a file: the pictures of ".*s" need a folder`,
      ),
    });
  }
  await assert.rejects(folder.found(["a.mp4", "b.mp4"], "o.mp4"), {
    name: "UsageError",
    message: /, the name of a file: 2 inputs need a folder$/,
  });
  assert.deepEqual(await folder.found(["s"], "o.v2"), [["s", "o.v2"]]);
  await mkdir(folder.file("o.mp4"));
  assert.deepEqual(await folder.found(["s"], "o.mp4"), [["s", "o.mp4/s.deblurred"]]);
});

Deno.test("findJobs: a live source is alone, and has a file to be recorded to", async () => {
  await using folder = await folderOf("a.mp4", "d/a.mp4");
  const output = folder.file("out.mp4");
  for (const input of ["rtsp://me:secret@camera/1", "udp://127.0.0.1:5000", "/dev/video0"]) {
    assert.deepEqual(await findJobs([input], { output }), {
      jobs: [{ input, output }],
      folders: [],
      passedOver: "",
    });
    const refused: readonly (readonly [string[], string | undefined, RegExp])[] = [
      [[input], undefined, /^A live source has no name for its result\. Add -o FILE$/],
      [[input], "", /Add -o FILE$/],
      [[input], folder.file("d"), /^-o is the folder ".*d": a live source is recorded to a file$/],
      [[input], folder.file("new/"), /^-o is the folder ".*new\/": a live source is recorded to a file$/],
      [[input, folder.file("a.mp4")], output, /^A live source must be the only input$/],
      [[folder.file("a.mp4"), input], output, /^A live source must be the only input$/],
    ];
    for (const [inputs, output, message] of refused) {
      await assert.rejects(findJobs(inputs, { output }), { name: "UsageError", message });
    }
  }
});

Deno.test("partialName: before the extension", () => {
  assert.equal(partialName(join("d", "clip.deblurred.mp4")), join("d", "clip.deblurred.partial.mp4"));
  assert.equal(partialName("clip"), "clip.partial");
});

Deno.test("findJobs: results of one name go into folders named after those of their inputs", async () => {
  await using folder = await folderOf("monday/a.mp4", "monday/b.mp4", "tuesday/a.mp4");
  const { jobs, folders } = await findJobs(["monday", "tuesday"].map(folder.file), {
    output: folder.file("out"),
  });
  assert.deepEqual(jobs.map(({ output }) => output), [
    folder.file("out/monday/a.deblurred.mp4"),
    folder.file("out/b.deblurred.mp4"),
    folder.file("out/tuesday/a.deblurred.mp4"),
  ]);
  assert.deepEqual(folders, ["out", "out/monday", "out/tuesday"].map(folder.file));
});
