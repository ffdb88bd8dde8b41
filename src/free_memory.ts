import process from "node:process";

/** What is known of the memory of a machine. */
export interface SystemMemory {
  /** Bytes that programs can still take without others being swapped out. */
  availableMemory(): number;
  /** Bytes that this process's control group may take; 0, or more than any machine has, where there is no limit. */
  constrainedMemory(): number;
  memoryUsage: { rss(): number };
}

/** Share of the free memory that a job takes by default: other programs need some too. */
const SHARE = 3 / 4;

/** Bytes that this process may still take, by the machine and by the limit of its control group (of a container). */
export function freeMemory(system: SystemMemory = process): number {
  const limit = system.constrainedMemory();
  const left = limit > 0 ? limit - system.memoryUsage.rss() : Infinity;
  return Math.max(0, Math.min(system.availableMemory(), left));
}

/** Bytes that this process may take in all, by default. */
export function defaultMemory(system: SystemMemory = process): number {
  return system.memoryUsage.rss() + SHARE * freeMemory(system);
}

/** Bytes in a few words: "1.9 GiB", "350 MiB". */
export function describeBytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
