import sharp from "sharp";

/** What a made picture is like. */
export interface PictureKind {
  readonly extension: "png" | "tif" | "jpg" | "webp";
  readonly bits: 8 | 16;
  readonly channels: 1 | 2 | 3 | 4;
  /** Colour profile, EXIF and orientation; sharp gives those to RGB only. */
  readonly tagged: boolean;
}

/** Size of a made picture. */
export const [PICTURE_WIDTH, PICTURE_HEIGHT] = [37, 21];

/** Writes a picture of this kind with sharp directly. */
export async function makePicture(
  path: string,
  { extension, bits, channels, tagged }: PictureKind,
): Promise<void> {
  const samples = bits === 16
    ? new Uint16Array(PICTURE_WIDTH * PICTURE_HEIGHT * channels)
    : new Uint8Array(PICTURE_WIDTH * PICTURE_HEIGHT * channels);
  // Opaque enough for WebP, which forgets the colour of what cannot be seen.
  for (let i = 0; i < samples.length; i++) samples[i] = 1 + (i * 977 + 13) % (2 ** bits - 1);
  const space = `${channels < 3 ? (bits === 16 ? "grey16" : "b-w") : bits === 16 ? "rgb16" : "srgb"}`;
  let picture = sharp(samples, { raw: { width: PICTURE_WIDTH, height: PICTURE_HEIGHT, channels } })
    .toColourspace(space);
  if (tagged) {
    picture = picture.withExif({ IFD0: { Artist: "A. Painter" } }).withMetadata({ orientation: 6 })
      .withIccProfile("p3");
  }
  const formats = {
    png: () => picture.png(),
    tif: () => picture.tiff({ compression: "lzw" }),
    jpg: () => picture.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }),
    webp: () => picture.webp({ lossless: true }),
  };
  await formats[extension]().toFile(path);
}

/** A grey picture as the bytes of a PNG. */
export async function shadedPng(width: number, height: number, shade: number): Promise<Uint8Array> {
  const background = { r: shade, g: shade, b: shade };
  return await sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();
}
