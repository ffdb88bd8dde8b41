/** Ids of the elements that are looked at. */
export const MATROSKA = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  void: 0xec,
  cluster: 0x1f43b675,
  chapters: 0x1043a770,
} as const;

/** Two numbers, an id and a length, each of as many bytes as it has leading zeros and one; a length of ones is not known. */
export function readElement(view: DataView) {
  const idBytes = Math.clz32(view.getUint8(0)) - 23;
  if (idBytes > 4) return { id: 0, head: 0, content: 0 };
  let id = 0;
  for (let i = 0; i < idBytes; i++) id = id * 256 + view.getUint8(i);
  const bytes = Math.clz32(view.getUint8(idBytes)) - 23;
  if (bytes > 8) return { id: 0, head: 0, content: 0 };
  let length = view.getUint8(idBytes) & (0xff >> bytes);
  for (let i = 1; i < bytes; i++) length = length * 256 + view.getUint8(idBytes + i);
  const isUnknown = length === 2 ** (7 * bytes) - 1;
  return { id, head: idBytes + bytes, content: isUnknown ? Infinity : length };
}
