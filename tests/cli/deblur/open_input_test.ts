import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import sharp from "sharp";
import { makeClip } from "../../helpers/make_clip.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** A clip, two pictures and a sequence of two more, and the command ready to run on them. */
async function workplace() {
  const folder = await temporaryFolder();
  const weights = await writeSmokeWeights(folder.file("smoke.safetensors"));
  await makeClip(folder.file("clip.mp4"), { pts: [0, 1, 2] });
  await mkdir(folder.file("shots"));
  for (const name of ["a.png", "b.png", "shots/1.png", "shots/2.png"]) {
    await sharp({ create: { width: 8, height: 6, channels: 3, background: "gray" } }).toFile(
      folder.file(name),
    );
  }
  return {
    ...folder,
    deblur: (...args: string[]) => runCli(["deblur", "--device", "cpu", "--weights", weights, ...args]),
    names: async () => (await readdir(folder.path, { recursive: true })).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const MISTAKES: readonly (readonly [input: string, flags: readonly string[], line: string])[] = [
  ["a.png", ["--crf", "20"], "--crf does nothing for a picture. Leave it out"],
  [
    "a.png",
    ["--start", "1", "--codec", "vp9"],
    "--start and --codec do nothing for a picture. Leave them out",
  ],
  ["a.png", ["--duration", "1"], "--duration does nothing for a picture. Leave it out"],
  ["a.png", ["--ffmpeg", "auto"], "--ffmpeg does nothing for a picture. Leave it out"],
  ["a.png", ["--everywhere"], "--everywhere does nothing for a picture. Leave it out"],
  ["shots", ["--codec", "h264"], "--codec does nothing for a sequence of pictures. Leave it out"],
];

Deno.test("openInput: a flag that does nothing for the only input is a usage error, and nothing is written", async (t) => {
  await using place = await workplace();
  const before = await place.names();
  for (const [input, flags, line] of MISTAKES) {
    await t.step(`${flags.join(" ")} for ${input}`, async () => {
      const run = await place.deblur(place.file(input), ...flags);
      assert.deepEqual(run, { code: 2, stdout: "", stderr: `${line}\n` });
      assert.deepEqual(await place.names(), before);
    });
  }
});

Deno.test("openInput: --start is refused for a live source before anything is connected to", async () => {
  await using place = await workplace();
  let asked = 0;
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asking = listener.accept().then((caller) => {
    asked++;
    caller.close();
  }, () => undefined);
  const address = `tcp://me:secret@127.0.0.1:${listener.addr.port}`;
  const run = await place.deblur(address, "-o", place.file("out.mp4"), "--start", "1");
  assert.deepEqual(run, {
    code: 2,
    stdout: "",
    stderr: "--start does nothing for a live source. Leave it out\n",
  });
  listener.close();
  await asking;
  assert.equal(asked, 0);
});

Deno.test("openInput: of several inputs, one for which a flag does nothing gives a warning and is restored", async () => {
  await using place = await workplace();
  const inputs = ["clip.mp4", "a.png"].map(place.file);
  const told = await place.deblur(...inputs, "--crf", "20", "--json", "-o", place.file("told"));
  assert.deepEqual([told.code, told.stderr], [
    0,
    `${place.file("a.png")}: --crf does nothing for a picture\n`,
  ]);
  assert.equal(told.stdout.trimEnd().split("\n").length, 2);
  const quiet = await place.deblur(...inputs, "--crf", "20", "--quiet", "-o", place.file("quiet"));
  assert.deepEqual(quiet, { code: 0, stdout: "", stderr: "" });
});

Deno.test("openInput: a part of a sequence may be asked for", async () => {
  await using place = await workplace();
  const { code, stdout } = await place.deblur(place.file("shots"), "--start", "0.03", "--json");
  assert.deepEqual([code, JSON.parse(stdout).frames], [0, 1]);
});

Deno.test("openInput: frames of a part are found where the frame rate varies, and a part without any is said to be that", async () => {
  await using place = await workplace();
  const clip = place.file("uneven.mp4");
  await makeClip(clip, { pts: [0, 1, 2, 90, 91, 92] }); // 1.6 a second on average
  const found = await place.deblur(clip, "--start", "0.03", "--duration", "0.03", "--json", "--quiet");
  assert.equal(found.code, 0, found.stderr);
  assert.equal(JSON.parse(found.stdout).frames, 1);
  const none = await place.deblur(clip, "--start", "1", "--duration", "0.5", "--quiet", "--overwrite");
  assert.equal(none.code, 1);
  assert.equal(
    none.stderr,
    `${clip}: No frame begins within 0.5 s of 1 s. Choose an earlier or a longer part\n`,
  );
});
