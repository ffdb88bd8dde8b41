import { open } from "node:fs/promises";

/** Bytes of one packet of a transport stream: plain, with a camera's or a disc's time before it, with error correction. */
const PACKET_SIZES = [188, 192, 204];

/** What every packet begins with, but for the time before it. */
const SYNC_BYTE = 0x47;

/** Bytes at the end of a file that are looked at. */
const LOOKED_AT = 32_768;

/** Packets that must follow one another in them: fewer could be chance. */
const LEAST_PACKETS = 4;

/**
 * Whether a transport stream ends in the middle of a packet. Whoever writes one writes whole packets, so this one was cut
 * off; one that was cut between two packets cannot be told from a whole one.
 *
 * @returns `false` where the end of the file is no row of packets.
 */
export async function endsInsidePacket(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const tail = new Uint8Array(Math.min(size, LOOKED_AT));
  const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
  for (const packet of PACKET_SIZES) {
    const first = firstSync(tail.subarray(0, bytesRead), packet);
    if (first === undefined) continue;
    const rest = (bytesRead - first) % packet;
    // The time that 192 bytes begin with is before the sync byte: 188 bytes after the last one are a whole packet.
    return rest !== 0 && !(packet === 192 && rest === 188);
  }
  return false;
}

/** Where the first sync byte is, if there is one in every packet from there on, the last begun one too. */
function firstSync(bytes: Uint8Array, packet: number): number | undefined {
  for (let first = 0; first < packet && first + LEAST_PACKETS * packet <= bytes.length; first++) {
    let at = first;
    while (at < bytes.length && bytes[at] === SYNC_BYTE) at += packet;
    if (at >= bytes.length) return first;
  }
  return undefined;
}
