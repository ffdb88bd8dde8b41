import { UsageError } from "../errors.ts";

/** The address of a NATS server on a command line. @throws {UsageError} if it is none. */
export function serverAddress(flag: string, text: string): string {
  if (!/^(?:nats|tls):\/\/[^\s/]+$/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`Invalid value "${text}" for ${flag}: expected nats://host:4222 or tls://host:4222`);
  }
  return text;
}

/** The address that is a command's only argument. @throws {UsageError} if it is none, or there are others. */
export function onlyServerAddress([address, ...others]: readonly string[]): string {
  if (address === undefined || others.length > 0) {
    throw new UsageError(
      "Give the address of one NATS server, such as nats://host:4222. Use --help to see more",
    );
  }
  return serverAddress("the server", address);
}
