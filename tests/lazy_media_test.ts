import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

Deno.test("mod.ts: loading it takes no permission, because FFmpeg and sharp are loaded when a file is opened", async () => {
  await using folder = await temporaryFolder();
  const program = folder.file("program.ts");
  await writeFile(
    program,
    `import { describeNetwork, PRESETS, VIDEO_CODECS } from ${
      JSON.stringify(new URL("../mod.ts", import.meta.url).href)
    };
    console.log(describeNetwork(PRESETS.smoke).parameters > 0, VIDEO_CODECS.join());`,
  );
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const args = ["run", "--quiet", "--no-prompt", "--config", config, program];
  // Not `node:child_process`: Deno gives every permission to a Deno that is started by it.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual([text(stderr), text(stdout)], ["", "true h264,hevc,av1,vp9,ffv1,prores,png,rawvideo\n"]);
});
