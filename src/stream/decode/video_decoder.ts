import {
  Codec,
  CodecContext,
  FFmpegError,
  type FormatContext,
  Frame,
  Packet,
  type Stream,
} from "node-av/lib";
import {
  AV_CODEC_ID_VP8,
  AV_CODEC_ID_VP9,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AVERROR_EOF,
  AVSEEK_FLAG_BACKWARD,
  AVSEEK_FLAG_BYTE,
  FF_DECODER_LIBVPX_VP8,
  FF_DECODER_LIBVPX_VP9,
  type FFDecoderCodec,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";

/** FFmpeg's own decoders of VP8 and VP9 leave out the opacity, which is a second picture beside the first. */
const WITH_OPACITY = new Map<number, FFDecoderCodec>([
  [AV_CODEC_ID_VP8, FF_DECODER_LIBVPX_VP8],
  [AV_CODEC_ID_VP9, FF_DECODER_LIBVPX_VP9],
]);

function decoderOf({ codecpar, metadata }: Stream): Codec | null {
  const name = metadata?.get("alpha_mode") === "1" ? WITH_OPACITY.get(codecpar.codecId) : undefined;
  return name === undefined ? Codec.findDecoder(codecpar.codecId) : Codec.findDecoderByName(name);
}

/** Decodes one video stream of an open container, frame by frame, and notes what is missing or damaged. Dispose it. */
export class VideoDecoder implements Disposable {
  readonly #container: FormatContext;
  readonly #stream: Stream;
  readonly #path: string;
  readonly #decoder = new CodecContext();
  readonly #packet = new Packet();
  #draining = false;
  #decoded = 0;
  #failures = 0;
  /** Failures before the first picture. */
  #early = 0;
  #readError: string | undefined;
  #furthest = -Infinity;
  #isPastEnd = false;
  /** Decoded ahead of being asked for. */
  #peeked: Frame | undefined;
  /** Time, in the stream's units, of the first frame that nobody asks for: packets are read ahead, and damage there does not count. */
  until: bigint | undefined;

  private constructor(container: FormatContext, stream: Stream, path: string) {
    this.#container = container;
    this.#stream = stream;
    this.#path = path;
    this.#packet.alloc();
  }

  /**
   * @param threads that decode, each of which holds frames; 0 for as many as FFmpeg thinks fit
   * @throws {MediaError} if there is no decoder for the stream.
   */
  static async open(
    container: FormatContext,
    stream: Stream,
    path: string,
    threads = 0,
  ): Promise<VideoDecoder> {
    const codec = decoderOf(stream);
    if (codec === null) {
      throw new MediaError(
        path,
        "There is no decoder for this video stream. Convert it to a common codec, such as H.264",
      );
    }
    const self = new VideoDecoder(container, stream, path);
    try {
      self.#decoder.allocContext3(codec);
      ffmpegResult(self.#decoder.parametersToContext(stream.codecpar), path, "set up the decoder");
      self.#decoder.pktTimebase = stream.timeBase;
      self.#decoder.threadCount = threads;
      ffmpegResult(await self.#decoder.open2(codec, null), path, "open the decoder");
      return self;
    } catch (error) {
      self[Symbol.dispose]();
      throw error;
    }
  }

  /** Latest second that any packet of any stream has reached so far. */
  get furthest(): number {
    return this.#furthest;
  }

  /** What was missing or damaged so far, in one line. */
  get damage(): string | undefined {
    if (this.#readError !== undefined && !this.#isPastEnd) return this.#readError;
    const failures = this.#decoded > 0 || !this.#draining ? this.#failures : this.#early;
    return failures > 0 ? `Damaged packets of the video, not decoded whole: ${failures}` : undefined;
  }

  /** The first frame, which `next` will give; `undefined` if none can be decoded. It stays this decoder's. */
  async peek(): Promise<Frame | undefined> {
    if (this.#peeked !== undefined) return this.#peeked;
    const frame = new Frame();
    frame.alloc();
    if (await this.next(frame)) return this.#peeked = frame;
    frame.free();
    return undefined;
  }

  /**
   * Goes to a keyframe at or before `pts`, in the stream's units. `false` if the container cannot seek.
   */
  async seek(pts: bigint): Promise<boolean> {
    const reached = await this.#container.seekFrame(this.#stream.index, pts, AVSEEK_FLAG_BACKWARD);
    return reached >= 0 && this.#restart();
  }

  /**
   * Goes to the beginning of the stream, by its time. To the first byte of the file only where that fails, as in a file
   * without times: after that the demuxers of some formats (Matroska, AVI) continue their count of time, or find no packets.
   */
  async rewind(): Promise<boolean> {
    const { startTime } = this.#stream;
    if (await this.seek(startTime === AV_NOPTS_VALUE ? 0n : startTime)) return true;
    return await this.#container.seekFrame(-1, 0n, AVSEEK_FLAG_BYTE) >= 0 && this.#restart();
  }

  #restart(): true {
    this.#decoder.flushBuffers();
    this.#forgetPeeked();
    this.#draining = false;
    this.#decoded = 0;
    this.#failures = 0;
    this.#early = 0;
    this.#isPastEnd = false;
    return true;
  }

  /** Decodes the next frame into `frame`; `false` at the end of what can be decoded. */
  async next(frame: Frame): Promise<boolean> {
    if (this.#peeked !== undefined) {
      frame.unref();
      ffmpegResult(frame.ref(this.#peeked), this.#path, "get memory for a frame");
      this.#forgetPeeked();
      return true;
    }
    for (;;) {
      const received = await this.#decoder.receiveFrame(frame);
      if (received >= 0) {
        this.#decoded++;
        this.#isPastEnd ||= this.#isAfterEnd(presentationTime(frame));
        return true;
      }
      if (received === AVERROR_EOF) return false;
      if (received !== AVERROR_EAGAIN) this.#countFailure();
      if (this.#draining) {
        if (received === AVERROR_EAGAIN) return false;
        continue;
      }
      await this.#feed();
    }
  }

  async #feed(): Promise<void> {
    const read = await this.#container.readFrame(this.#packet);
    if (read === AVERROR_EAGAIN) return;
    if (read < 0) {
      if (read !== AVERROR_EOF) {
        this.#readError = `The file is truncated or damaged: ${FFmpegError.strerror(read)}`;
      }
      this.#draining = true;
      await this.#decoder.sendPacket(null);
      return;
    }
    try {
      this.#noteReach();
      if (this.#packet.streamIndex !== this.#stream.index) return;
      const { pts } = this.#packet;
      if (this.#packet.hasFlags(AV_PKT_FLAG_CORRUPT)) this.#countFailure(pts);
      if (await this.#decoder.sendPacket(this.#packet) < 0) this.#countFailure(pts);
    } finally {
      this.#packet.unref();
    }
  }

  #noteReach(): void {
    const { pts, duration, streamIndex } = this.#packet;
    const base = this.#container.streams[streamIndex]?.timeBase;
    if (pts === AV_NOPTS_VALUE || base === undefined) return;
    this.#furthest = Math.max(this.#furthest, Number(pts + duration) * base.num / base.den);
  }

  #isAfterEnd(time: bigint | undefined): boolean {
    return this.until !== undefined && time !== undefined && time !== AV_NOPTS_VALUE && time >= this.until;
  }

  // Packets before the first picture may refer to pictures that were never in the file: that is no damage, if one follows.
  #countFailure(pts?: bigint): void {
    if (this.#isAfterEnd(pts)) return;
    if (this.#decoded > 0) this.#failures++;
    else this.#early++;
  }

  #forgetPeeked(): void {
    this.#peeked?.free();
    this.#peeked = undefined;
  }

  [Symbol.dispose](): void {
    this.#forgetPeeked();
    this.#decoder.freeContext();
    this.#packet.free();
  }
}

/** Presentation time of a decoded frame, or `undefined` if nothing says it. */
export function presentationTime(frame: Frame): bigint | undefined {
  const best = frame.bestEffortTimestamp;
  if (best !== AV_NOPTS_VALUE) return best;
  return frame.pts === AV_NOPTS_VALUE ? undefined : frame.pts;
}
