/** The nouns every folder shares: pictures, frames, and where frames come from and go to. */

/** A picture as bytes: packed RGB, row by row, 3 × `width` × `height` samples of 8 or 16 bits. Those of HDR video are SDR-like. */
export interface Picture {
  /** Red, green, blue of the first pixel, then of the next one to the right. */
  readonly data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** One decoded picture of a stream. Whoever received it last owns `data`. */
export interface Frame extends Picture {
  /** Presentation time, in units of {@linkcode MediaInfo.timeBase}. */
  readonly pts: bigint;
  /** Time shown, in units of {@linkcode MediaInfo.timeBase}; 0 where the container does not say. */
  readonly duration: bigint;
  /** Opacity of a still picture, one sample a pixel, of the same depth as `data`; copied to the output untouched. */
  readonly alpha?: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /**
   * What RGB does not hold of the samples of a video of more than 8 bits: values beyond white and black, and what was rounded. An
   * encoder that writes the same pixel format adds it, so that a picture that nothing has changed comes out as it was.
   */
  readonly residue?: Int16Array<ArrayBuffer>;
}

/** A copy of a picture, which the caller owns; of a frame, only the picture. */
export function copyPicture({ data, width, height }: Picture): Picture {
  return { data: data.slice(), width, height };
}

/**
 * Frees the memory of a picture at once. For the owner of a picture that is not used any more: the garbage collector would
 * let dozens of frames accumulate first. A picture that shares its buffer with others keeps it; one that was
 * freed or transferred already is left alone.
 */
export function freePicture({ data, residue }: Picture & Pick<Frame, "residue">): void {
  for (const samples of [data, residue]) {
    if (samples && samples.byteLength > 0 && samples.byteLength === samples.buffer.byteLength) {
      samples.buffer.transfer(0);
    }
  }
}

/**
 * How the samples of a video are stored. Numbers are the code points of ITU-T H.273, which FFmpeg uses too; 2 is "unspecified".
 */
export interface SampleFormat {
  /** FFmpeg's name of the pixel format, without a range: "yuv420p10le". */
  readonly pixelFormat: string;
  /** Whether black and white are the ends of what the bits can hold, or a little inside (16 and 235 of 255). */
  readonly range: "full" | "limited" | "unspecified";
  /** Matrix between YUV and RGB. */
  readonly matrix: number;
  /** Colour primaries. */
  readonly primaries: number;
  /** Transfer characteristics: 16 is PQ, 18 is HLG. */
  readonly transfer: number;
  /** Where samples of chroma lie among those of luma, by FFmpeg's number. */
  readonly chromaLocation: number;
}

/** What a video says of the display that it was made for, for displays that can do less. Bytes are as FFmpeg holds them in memory. */
export interface HdrMetadata {
  /** SMPTE ST 2086, as AVMasteringDisplayMetadata. */
  readonly masteringDisplay?: Uint8Array;
  /** CTA-861.3's MaxCLL and MaxFALL, as AVContentLightMetadata. */
  readonly contentLight?: Uint8Array;
  /** Metadata that change from frame to frame, by name ("HDR10+", "Dolby Vision"): they cannot be written. */
  readonly dynamic: readonly string[];
}

/** What is known of a source before its frames are read. */
export interface MediaInfo {
  /** File or folder, as the user wrote it, or the address of a stream without its user, password and query. */
  readonly path: string;
  /** A video file, one picture, a folder of numbered pictures, or a camera or network stream. */
  readonly kind: "video" | "picture" | "sequence" | "live";
  /** Pixels, as coded (before display rotation). */
  readonly width: number;
  /** Pixels, as coded (before display rotation). */
  readonly height: number;
  /** Seconds per unit of a frame's `pts`, as an exact fraction. */
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Frames per second, on average; absent for a still picture. */
  readonly frameRate?: number;
  /** Number of frames that will come (after `start` and `duration`), when it is known or can be estimated. */
  readonly frames?: number;
  /** Length in seconds, when known. */
  readonly seconds?: number;
  /** Width of a pixel to its height, as coded; absent where pixels are square, or nothing says otherwise. */
  readonly pixelAspect?: number;
  /** Seconds on the clock of a frame's `pts` at which the source begins: `start` counts from there. @default {0} */
  readonly beginning?: number;
  /** Clockwise quarter turns, in degrees, that a player applies: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Codec of the picture stream, by FFmpeg's name. */
  readonly codec?: string;
  /** How the samples of the picture stream are stored; absent where there is no such stream, or nothing says it. */
  readonly samples?: SampleFormat;
  /** What an HDR video says of its display; absent where it says nothing. */
  readonly hdr?: HdrMetadata;
  /** One line a stream of the file ("video h264 1280x720", "audio aac 48000 Hz"), in file order. */
  readonly streams: readonly string[];
  /** The part of the source that is read, in seconds from its beginning; absent when it is all of it. */
  readonly range?: { readonly start: number; readonly duration?: number };
  /** Names of the files of a folder of pictures; the `pts` of a frame is its place among them. Absent for everything else. */
  readonly pictures?: readonly string[];
  /** The ffmpeg program that decodes it, which writes the output too; absent where FFmpeg inside this library does. */
  readonly ffmpeg?: {
    readonly program: string;
    /** Width of a pixel to its height: "4/3". */
    readonly sampleAspect: string;
  };
}

/** Decoded frames of one input. Disposing it ends the decoder and closes the file. */
export interface FrameSource extends AsyncDisposable {
  /** What is known before the first frame. */
  readonly info: MediaInfo;
  /**
   * In presentation order; decoded only as it is read. If the input turns out to be truncated or damaged, every frame that can
   * be decoded is delivered, and then the stream fails with a {@linkcode DamagedMediaError}, so that nothing takes it for whole.
   */
  readonly frames: ReadableStream<Frame>;
  /** What was found missing or damaged so far, in one line; `undefined` while nothing was. Final once `frames` has ended. */
  readonly damage?: string | undefined;
  /** What was done to frames beyond decoding them, one line each ("Interlaced: ..."). Final once `frames` has ended. */
  readonly notes?: readonly string[];
}

/** An output being written. Closing `frames` completes it; aborting or disposing it before that leaves nothing behind. */
export interface FrameSink extends AsyncDisposable {
  /** Takes frames in presentation order, all of one size, and their memory with them: their buffers may be detached. */
  readonly frames: WritableStream<Frame>;
  /** What could not be kept as it was in the source, one line each. Final once `frames` is closed. */
  readonly notes?: readonly string[];
  /**
   * Completes the output under another name in the same folder, instead of closing `frames`, which must not be locked. For
   * what could be decoded of a damaged source.
   */
  finishAs?(path: string): Promise<void>;
}
