/** A packet with the time at which it is decoded. */
export interface TimedPacket<T> {
  readonly stored: T;
  readonly dts: bigint;
}

/**
 * Gives packets new decoding times. Every segment begins its own, so that those of two segments may overlap; as one stream,
 * a packet is decoded at the time at which the one shown `reordered` places before it in the order of showing is shown.
 *
 * @param packets In the order of decoding. No packet of a later segment is shown before one of an earlier one.
 * @param reordered Most packets that are decoded before one that is shown earlier.
 */
export async function* decodeTimes<T extends { readonly pts: bigint }>(
  packets: AsyncIterable<T>,
  reordered: number,
): AsyncGenerator<TimedPacket<T>> {
  /** Packets that wait until it is known which times come first. */
  const waiting: T[] = [];
  /** Times shown, of packets read and not yet used as a time of decoding, in ascending order. */
  const times: bigint[] = [];
  let given = 0;
  const give = (stored: T): TimedPacket<T> => {
    // The first packets are decoded before anything is shown.
    const [first = stored.pts, second = first + 1n] = times;
    const early = BigInt(reordered - given) * (second - first);
    const dts = given < reordered ? first - early : times.shift() ?? stored.pts;
    given++;
    return { stored, dts };
  };
  for await (const packet of packets) {
    waiting.push(packet);
    insert(times, packet.pts);
    // Whatever comes later is shown after all but `reordered` of what has come.
    if (waiting.length > reordered + 1) {
      const [first] = waiting.splice(0, 1);
      if (first) yield give(first);
    }
  }
  for (const packet of waiting) yield give(packet);
}

function insert(times: bigint[], time: bigint): void {
  let at = times.length;
  while (at > 0 && (times[at - 1] ?? time) > time) at--;
  times.splice(at, 0, time);
}
