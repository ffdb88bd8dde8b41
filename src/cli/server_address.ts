import { UsageError } from "../errors.ts";

/** The address of a NATS server on a command line. @throws {UsageError} if it is none. */
export function serverAddress(flag: string, text: string): string {
  if (!/^(?:nats|tls):\/\/[^\s/]+$/.test(text)) {
    throw new UsageError(`Invalid value "${text}" for ${flag}: expected nats://host:4222 or tls://host:4222`);
  }
  return text;
}
