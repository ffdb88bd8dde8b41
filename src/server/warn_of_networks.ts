/**
 * What a server that listens on every interface tells whoever started it.
 *
 * @param url The page, with its token, as this machine reaches it.
 * @param source What is served, in words that may be shown.
 */
export function warnOfNetworks(url: string, source: string): string {
  const { port, search } = new URL(url);
  const addresses = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => `  http://${address}:${port}/${search}`);
  return [
    `Open to every network of this machine: whoever has the address with its token can watch ${source}`,
    "and use this machine's processor. Nothing is encrypted: on a network you do not trust, put a proxy with TLS in front",
    "and name it with --name.",
    ...addresses,
  ].join("\n");
}
