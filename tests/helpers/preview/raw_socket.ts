/**
 * A websocket by hand: one that never reads, or is dropped without the closing handshake.
 *
 * @param url The page of the preview.
 * @returns The connection after the handshake was sent.
 */
export async function openRawSocket(url: string, upgrade = "websocket"): Promise<Deno.TcpConn> {
  const { host, hostname, port, search, origin } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [
    `GET /ws${search} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: ${origin}`,
    `Upgrade: ${upgrade}`,
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  return connection;
}

/** A short text message as a client sends it (RFC 6455), with a mask of zeros. */
export function maskedText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.of(0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes);
}
