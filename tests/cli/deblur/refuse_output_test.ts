import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { outputRefusal, refuseOutput } from "../../../src/cli/deblur/refuse_output.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

async function place() {
  const folder = await temporaryFolder();
  for (const name of ["clip.mp4", "taken.mp4", "out.partial.mp4"]) await writeFile(folder.file(name), name);
  await symlink(folder.file("clip.mp4"), folder.file("link.mp4"));
  return {
    refusal: (output: string, ...flags: string[]) =>
      outputRefusal(
        { input: folder.file("clip.mp4"), output: folder.file(output) },
        parseDeblurFlags(["clip.mp4", ...flags]),
      ),
    refuse: (output: string) =>
      refuseOutput(
        { input: folder.file("clip.mp4"), output: folder.file(output) },
        parseDeblurFlags(["clip.mp4"]),
      ),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("refuseOutput: an output that exists is refused, unless --overwrite is given", async () => {
  await using folder = await place();
  assert.equal(await folder.refusal("new.mp4"), undefined);
  assert.match(await folder.refusal("taken.mp4") ?? "", /taken\.mp4: The output exists\./);
  assert.equal(await folder.refusal("taken.mp4", "--overwrite"), undefined);
  await assert.rejects(folder.refuse("taken.mp4"), { name: "MediaError" });
});

Deno.test("refuseOutput: the input is refused under every name, with --overwrite too", async () => {
  await using folder = await place();
  for (const name of ["clip.mp4", "link.mp4"]) {
    assert.match(await folder.refusal(name, "--overwrite") ?? "", /The output is the input/);
  }
});

Deno.test("refuseOutput: the partial file is checked with --keep-partial only", async () => {
  await using folder = await place();
  assert.equal(await folder.refusal("out.mp4"), undefined);
  assert.match(
    await folder.refusal("out.mp4", "--keep-partial") ?? "",
    /out\.partial\.mp4: The output exists/,
  );
});
