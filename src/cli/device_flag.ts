import {
  DEVICE_CHOICES,
  type DeviceChoice,
  isPrecision,
  type PrecisionChoice,
  PRECISIONS,
} from "../../mod.ts";
import { choiceFlag } from "./flags.ts";

/** The value of `--device`. @throws {UsageError} naming the devices there are. */
export function deviceFlag(text: string | undefined): DeviceChoice {
  return choiceFlag("--device", text, [...DEVICE_CHOICES.keys()]) ?? "auto";
}

/** The value of `--precision`. @throws {UsageError} naming the precisions there are. */
export function precisionFlag(text: string | undefined): PrecisionChoice {
  return choiceFlag("--precision", text, Object.keys(PRECISIONS).filter(isPrecision)) ?? "auto";
}

/** The precisions for a help text, one line each. @param indent Columns before each line. */
export function precisionHelp(indent: number): string {
  return Object.entries(PRECISIONS).map(([name, about]) => `${" ".repeat(indent)}${name.padEnd(11)} ${about}`)
    .join("\n");
}

/** The devices for a help text, one line each. @param indent Columns before each line. */
export function deviceHelp(indent: number): string {
  return Array.from(
    DEVICE_CHOICES,
    ([name, about]) => `${" ".repeat(indent)}${name.padEnd(11)} ${about}`,
  ).join("\n");
}
