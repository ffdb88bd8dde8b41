import sharp from "sharp";
import type { Part, PartFormat, PartKind } from "../../static/frame_message.js";
import type { Picture } from "../frame.ts";
import type { Region } from "./protocol.ts";

/** One frame as restored for one viewer. All pictures have one size and are as coded, before rotation. */
export interface Shot {
  readonly pictures: readonly { readonly kind: PartKind; readonly picture: Picture }[];
  /** The part of `pictures` to send, in their pixels: what is left without the halo. */
  readonly inner: Region;
  /** The part of the displayed picture that `inner` is. */
  readonly region: Region;
  /** Clockwise degrees to turn before sending: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Whole picture as displayed, in pixels. */
  readonly width: number;
  /** Whole picture as displayed, in pixels. */
  readonly height: number;
  readonly index: number;
  /** From the start of the source. */
  readonly seconds: number;
  /** Gain of the *down* branch it was restored with. */
  readonly detail: number;
  /** When it was decoded, by the server's clock in milliseconds. */
  readonly decodedAt: number;
  /** Told how long encoding took, by whoever must keep within a budget. */
  readonly onEncoded?: (milliseconds: number) => void;
}

/** Encodes the pictures of a shot, off the event loop. */
export function encodeShot(shot: Shot, format: PartFormat): Promise<Part[]> {
  return Promise.all(shot.pictures.map(async ({ kind, picture }) => {
    const { inner } = shot;
    const image = sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } })
      .extract({ left: inner.x, top: inner.y, width: inner.width, height: inner.height })
      .rotate(shot.rotation)
      .toColourspace("srgb");
    // 4:4:4, because chroma at half the size would hide just the colour fringes that a viewer looks for.
    const encoder = format === "image/jpeg"
      ? image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" })
      : format === "image/webp"
      ? image.webp({ quality: 85, effort: 0 })
      : image.png({ compressionLevel: 6 });
    return { kind, format, bytes: new Uint8Array(await encoder.toBuffer()) };
  }));
}
