/**
 * The warning of a server that listens on every interface.
 *
 * @param url The page, with its token, as this machine reaches it.
 * @param source What is served, without secrets.
 */
export function networkWarning(url: string, source: string): string {
  const { port, search } = new URL(url);
  const addresses = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => `  http://${address}:${port}/${search}`);
  return [
    `The preview is reachable from every network of this machine: whoever has the address with its token can watch ${source}`,
    "and use this machine's processor. The connection is not encrypted: on a network that you do not trust, put a proxy",
    "with TLS in front and allow its name with --name. Addresses for other machines:",
    ...addresses,
  ].join("\n");
}
