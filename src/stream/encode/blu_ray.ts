import type { FormatContext, OutputFormat, Stream } from "node-av/lib";
import {
  AV_CODEC_ID_AC3,
  AV_CODEC_ID_DTS,
  AV_CODEC_ID_EAC3,
  AV_CODEC_ID_HDMV_PGS_SUBTITLE,
  AV_CODEC_ID_HDMV_TEXT_SUBTITLE,
  AV_CODEC_ID_PCM_BLURAY,
  AV_CODEC_ID_TRUEHD,
  AVMEDIA_TYPE_AUDIO,
} from "node-av/constants";

/** Sound that a transport stream of Blu-ray and AVCHD names. */
const SOUND: readonly number[] = [
  AV_CODEC_ID_AC3,
  AV_CODEC_ID_EAC3,
  AV_CODEC_ID_DTS,
  AV_CODEC_ID_TRUEHD,
  AV_CODEC_ID_PCM_BLURAY,
];

/** What no other transport stream names: it would come back as data of an unknown kind. */
const ONLY_THERE: readonly number[] = [
  AV_CODEC_ID_HDMV_PGS_SUBTITLE,
  AV_CODEC_ID_HDMV_TEXT_SUBTITLE,
  AV_CODEC_ID_PCM_BLURAY,
];

/**
 * Whether a file is to be a transport stream as on Blu-ray discs and of AVCHD cameras: by its name, as long as that form names all of
 * the sound that is copied.
 */
export function isBluRayStream(
  path: string,
  { name }: OutputFormat,
  copied: Pick<FormatContext, "streams"> | undefined,
): boolean {
  const sound = copied?.streams.filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO) ?? [];
  return name === "mpegts" && /\.m2?ts$/i.test(path) &&
    sound.every(({ codecpar }) => SOUND.includes(codecpar.codecId));
}

/** Whether a stream is one that only such a transport stream names. */
export function needsBluRay({ codecpar }: Stream, { name }: OutputFormat): boolean {
  return name === "mpegts" && ONLY_THERE.includes(codecpar.codecId);
}
