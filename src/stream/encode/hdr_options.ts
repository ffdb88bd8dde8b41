import type { HdrMetadata } from "../../frame.ts";
import { type MasteringDisplay, parseContentLight, parseMasteringDisplay } from "../ffmpeg/hdr_metadata.ts";
import type { WrittenCodec } from "../video_codecs.ts";

/**
 * Parameters by which an encoder writes the mastering display and the light level into the video itself, beside what the
 * container says; none for encoders that cannot.
 */
export function hdrParameters(codec: WrittenCodec, hdr: HdrMetadata | undefined): readonly string[] {
  const display = hdr?.masteringDisplay && parseMasteringDisplay(hdr.masteringDisplay);
  const light = hdr?.contentLight && parseContentLight(hdr.contentLight);
  const levels = light && `${light.most},${light.average}`;
  const parameter = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name}=${value}`];
  switch (codec) {
    case "hevc":
      return [...parameter("master-display", display && inUnits(display)), ...parameter("max-cll", levels)];
    case "h264":
      return [...parameter("mastering-display", display && inUnits(display)), ...parameter("cll", levels)];
    case "av1":
      return [
        ...parameter("mastering-display", display && described(display, (value) => value.toFixed(5))),
        ...parameter("content-light", levels),
      ];
    default:
      return [];
  }
}

/** As in the video: chromaticities in units of 0.00002, luminances of 0.0001 cd/m². */
function inUnits(display: MasteringDisplay): string {
  return described(
    display,
    (value) => `${Math.round(value * 50_000)}`,
    (value) => `${Math.round(value * 10_000)}`,
  );
}

function described(
  { red, green, blue, white, most, least }: MasteringDisplay,
  chromaticity: (value: number) => string,
  luminance: (value: number) => string = chromaticity,
): string {
  const points = [["G", green], ["B", blue], ["R", red], ["WP", white]] as const;
  const places = points.map(([name, point]) => `${name}(${point.map(chromaticity).join(",")})`);
  return `${places.join("")}L(${luminance(most)},${luminance(least)})`;
}
