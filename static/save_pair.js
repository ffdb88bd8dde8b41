// @ts-check
/** @import { FrameMessage } from "./frame_message.js" */

/**
 * Downloads both pictures side by side as one PNG, blurry on the left, at full size and without loss. It is named after the
 * number that the page shows, which counts from 1.
 *
 * @param {FrameMessage} frame An answer to `save`.
 * @param {string} name Of the source.
 */
export async function savePair(frame, name) {
  const parts = ["blurry", "result"].map((kind) => frame.parts.find((part) => part.kind === kind));
  const bitmaps = await Promise.all(
    parts.flatMap((part) => part ? [createImageBitmap(new Blob([part.bytes], { type: part.format }))] : []),
  );
  const canvas = document.createElement("canvas");
  const { width, height } = frame.region;
  Object.assign(canvas, { width: width * bitmaps.length, height });
  bitmaps.forEach((bitmap, i) => canvas.getContext("2d")?.drawImage(bitmap, i * width, 0));
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(/** @type {Blob} */ (blob));
  link.download = `${name.replace(/^.*\//, "").replace(/\.\w+$/, "")}.frame-${frame.index + 1}.pair.png`;
  link.click();
  // The URL is needed until the download has started, which takes far less than a minute.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
