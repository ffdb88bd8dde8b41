import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { NAFNET_32, nafnetGraph } from "../../../bench/peers/nafnet.ts";
import { srnGraph } from "../../../bench/peers/srn.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** Published: NAFNet-32 has 17.1 million parameters and 16 GMAC for 256x256; SRN 8.1 million (Table 1 of SRN's successors). */
const PEERS = [
  { name: "NAFNet-32", build: () => nafnetGraph(NAFNET_32), parameters: 17.1e6, gigaMacs: 16 },
  { name: "SRN", build: srnGraph, parameters: 8.1e6, gigaMacs: undefined },
];

for (const { name, build, parameters: published, gigaMacs } of PEERS) {
  Deno.test(`a graph in the shape of ${name} has its published size, and runs like any network of another project`, async () => {
    const { model, parameters, macsPerPixel } = build();
    assert.ok(Math.abs(parameters / published - 1) < 0.02, `${parameters} parameters`);
    const counted = macsPerPixel * 256 ** 2 / 1e9;
    if (gigaMacs !== undefined) assert.ok(Math.abs(counted / gigaMacs - 1) < 0.05, `${counted} GMAC`);
    await using folder = await temporaryFolder();
    await writeFile(folder.file("peer.onnx"), model);
    await using engine = await openEngine({ weights: folder.file("peer.onnx"), device: "cpu" });
    assert.match(
      engine.notes?.[0] ?? "",
      /takes float32 NCHW RGB pictures with sides that are multiples of 16, values 0 to 1/,
    );
    const { image } = await engine.run(renderScene({ width: 50, height: 35 }));
    assert.deepEqual([image.width, image.height], [50, 35]);
  });
}
