import sharp from "sharp";
import type { Part, PartFormat } from "../../../static/frame_message.js";
import type { PreviewFrame } from "../sources/playback.ts";

/** Rotates and encodes the pictures of a frame, off the event loop. */
export function encodeFrame(frame: PreviewFrame, format: PartFormat): Promise<Part[]> {
  return Promise.all(frame.pictures.map(async ({ kind, picture }) => {
    const image = sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } })
      .rotate(frame.rotation)
      .toColourspace("srgb");
    // 4:4:4, because subsampled chroma would hide the very colour fringes that a viewer looks for.
    const encoder = format === "image/jpeg"
      ? image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" })
      : format === "image/webp"
      ? image.webp({ quality: 85, effort: 0 })
      : image.png({ compressionLevel: 6 });
    return { kind, format, bytes: new Uint8Array(await encoder.toBuffer()) };
  }));
}
