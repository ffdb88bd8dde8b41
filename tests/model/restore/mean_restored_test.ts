import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { meanRestored } from "../../../src/model/restore/mean_restored.ts";

const picture = (...data: number[]): Picture => ({ data: Uint8Array.from(data), width: 1, height: 1 });
const deep = (...data: number[]): Picture => ({ data: Uint16Array.from(data), width: 1, height: 1 });

Deno.test("meanRestored: each picture is the mean of both, rounded, of 8 and of 16 bits; what one of them lacks is the other's", () => {
  const input = picture(1, 2, 3);
  const [one, other] = [{ input, image: picture(0, 10, 255), up: picture(4, 4, 4) }, {
    input,
    image: picture(1, 20, 255),
  }];
  assert.deepEqual(meanRestored(one, other), { input, image: picture(1, 15, 255), up: picture(4, 4, 4) });
  assert.equal(other.image.data.buffer.detached, true);
  const mean = meanRestored({ input, image: deep(65535, 0, 7) }, { input, image: deep(65535, 1, 8) });
  assert.deepEqual(mean.image, deep(65535, 1, 8));
});
