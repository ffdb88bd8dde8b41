import assert from "node:assert/strict";
import { evaluationTable, TABLE_1, TABLE_2 } from "../../../src/cli/evaluate/evaluation_table.ts";

const quality = (psnr: number) => ({ psnrBlurry: 25, psnr, gain: psnr - 25, ssimBlurry: 0.8, ssim: 0.9 });

Deno.test("evaluationTable: a row for each picture, the mean, and the published results beside this network's", () => {
  const pictures = [["a", 26], ["b", 24]] as const;
  const text = evaluationTable({
    pictures: pictures.map(([name, psnr], i) => ({ name, ...quality(psnr), seconds: i + 1 })),
    mean: quality(25),
  }, TABLE_1);
  assert.match(text, /^a +25\.00 +26\.00 +\+1\.00 +0\.8000 +0\.9000 +1\.00$/m);
  assert.match(text, /^b +25\.00 +24\.00 +-1\.00 /m);
  assert.match(text, /^mean +25\.00 +25\.00 +\+0\.00 .* 1\.50$/m);
  assert.match(text, /^Table 1\. .*; this network over 2 pictures$/m);
  assert.match(text, /^PSNR .* 30\.56 +25\.00 +25\.00$/m);
});

Deno.test("TABLE_1, TABLE_2: the rows of the paper, its own last", () => {
  for (const { rows } of [TABLE_1, TABLE_2]) assert.equal(rows.at(-1)?.method, "Paper");
  assert.deepEqual(TABLE_2.rows.map(({ psnr }) => psnr), [29.96, 30.2, 26.48, 26.75, 26.1, 26.36, 26.8]);
});
