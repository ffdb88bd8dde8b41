import sharp from "sharp";
import { openEngine } from "/work/wt/speed/src/model/engine/open_engine.ts";
import { shippedWeights } from "/work/wt/speed/src/model/weights/shipped_weights.ts";
const { data, info } = await sharp(Deno.args[0], {limitInputPixels:false}).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const [width, height] = [info.width, info.height];
for (const precision of Deno.args[2].split(",") as ("int8"|"float32")[]) {
  const run = async (memoryBudget: number) => {
    await using engine = await openEngine({ weights: shippedWeights("fast"), device: "cpu", precision, memoryBudget });
    const t = performance.now();
    const { image } = await engine.run({ data: new Uint8Array(data), width, height });
    console.log(precision, (memoryBudget / 2 ** 20).toFixed(0), "MiB", ((performance.now() - t) / 1000).toFixed(1), "s");
    return image.data;
  };
  const tiled = await run(Number(Deno.args[1]) * 2 ** 20);
  const whole = await run(4 * 2 ** 30);
  const counts = new Map<number, number>();
  tiled.forEach((v, i) => { const d = Math.abs(v - whole[i]); counts.set(d, (counts.get(d) ?? 0) + 1); });
  console.log(precision, [...counts].sort((a, b) => a[0] - b[0]));
}
