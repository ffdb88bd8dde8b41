import sharp from "sharp";

/** Size of a made JPEG. */
export const FRAME = { width: 160, height: 96 } as const;

/** What is unusual about a made JPEG. */
export interface JpegQuirks {
  readonly progressive?: boolean;
  /** Bytes between segments that belong to none. */
  readonly extraneous?: boolean;
  /** The height follows the scan. */
  readonly dnl?: boolean;
  /** The end marker is missing. */
  readonly noEnd?: boolean;
  readonly cmyk?: boolean;
}

/** A picture as a camera may write it. */
export async function cameraJpeg(quirks: JpegQuirks): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = FRAME;
  const samples = new Uint8Array(3 * width * height);
  for (let i = 0; i < samples.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    samples[i] = 128 + 100 * Math.sin(x / 9 + i % 3) * Math.cos(y / 7);
  }
  const picture = sharp(samples, { raw: { width, height, channels: 3 } })
    .withExif({ IFD0: { Make: "A camera" } });
  if (quirks.cmyk) picture.toColourspace("cmyk");
  const made = new Uint8Array(
    await picture.jpeg({ quality: 95, progressive: quirks.progressive ?? false }).toBuffer(),
  );
  return withQuirks(made, quirks);
}

function withQuirks(
  made: Uint8Array<ArrayBuffer>,
  { extraneous, dnl, noEnd }: JpegQuirks,
): Uint8Array<ArrayBuffer> {
  const { frame, scan } = jpegParts(made);
  const end = made.slice(-2);
  let body = made.slice(0, -2);
  if (dnl) {
    const height = body.slice(frame + 5, frame + 7);
    body.fill(0, frame + 5, frame + 7);
    body = joined(body, Uint8Array.of(0xff, 0xdc, 0, 4), height);
  }
  if (extraneous) {
    body = joined(
      body.slice(0, frame),
      Uint8Array.of(0, 7, 9),
      body.slice(frame, scan),
      Uint8Array.of(1),
      body.slice(scan),
    );
  }
  return noEnd ? body : joined(body, end);
}

/** Where the header of the frame and that of the first scan begin. */
export function jpegParts(bytes: Uint8Array): { readonly frame: number; readonly scan: number } {
  let frame = 0;
  for (let at = 2;; at += 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)) {
    const marker = bytes[at + 1] ?? 0xda;
    if (marker >= 0xc0 && marker <= 0xc2) frame = at;
    if (marker === 0xda) return { frame, scan: at };
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
