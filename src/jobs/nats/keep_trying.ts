import { setTimeout as delay } from "node:timers/promises";

/** How long a server may be away before what waits for it fails, milliseconds. */
const OUTAGE_MS = 600_000;
/** Between two attempts. */
const PAUSE_MS = 500;

/**
 * Calls `attempt` again while it fails, for as long as a server may be away.
 *
 * @param isFinal Whether a failure is none that time mends.
 * @throws what the last attempt failed with, or the signal's reason.
 */
export async function keepTrying<T>(
  attempt: () => Promise<T>,
  { signal, isFinal = () => false, outageMs = OUTAGE_MS, pauseMs = PAUSE_MS }: {
    readonly signal?: AbortSignal | undefined;
    readonly isFinal?: (error: unknown) => boolean;
    readonly outageMs?: number;
    readonly pauseMs?: number;
  } = {},
): Promise<T> {
  const since = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (isFinal(error) || performance.now() - since > outageMs) throw error;
      await pause(pauseMs, signal);
    }
  }
}

/** Waits. @throws the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch((error) => {
    throw signal?.aborted ? signal.reason : error;
  });
}
