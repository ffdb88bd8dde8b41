/** A number of things in words: "1 pair", "2 pairs". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
