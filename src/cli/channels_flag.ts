import { CHANNEL_ORDERS, type ChannelOrder } from "../../mod.ts";
import { UsageError } from "../errors.ts";
import { choiceFlag } from "./flags.ts";

/**
 * The value of `--channels`, which only a network named by `--weights` can need.
 *
 * @throws {UsageError} if it is not valid, or no network is named.
 */
export function channelsFlag(
  text: string | undefined,
  weights: string | undefined,
): ChannelOrder | undefined {
  const channels = choiceFlag("--channels", text, CHANNEL_ORDERS);
  if (channels !== undefined && weights === undefined) {
    throw new UsageError("--channels does nothing without --weights. Leave it out");
  }
  return channels;
}
