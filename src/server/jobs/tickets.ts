import { randomBytes } from "node:crypto";

/** Options of {@linkcode Tickets}. */
export interface TicketsOptions {
  /** Milliseconds that a ticket is good for. @default {60_000} */
  readonly validMs?: number;
  /** A monotonic clock, in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

const MOST_TICKETS = 1000;

/**
 * Secrets that are good for fetching one thing once, soon: an address that a browser downloads from is kept in its history,
 * where the token of the page does not belong.
 */
export class Tickets<T> {
  readonly #options: Required<TicketsOptions>;
  readonly #targets = new Map<string, { readonly target: T; readonly until: number }>();

  constructor(options: TicketsOptions = {}) {
    this.#options = { validMs: 60_000, now: () => performance.now(), ...options };
  }

  /** A new ticket, safe in an address. */
  issue(target: T): string {
    const { now, validMs } = this.#options;
    for (const [ticket, { until }] of this.#targets) if (until < now()) this.#targets.delete(ticket);
    const [oldest] = this.#targets.keys();
    if (this.#targets.size >= MOST_TICKETS && oldest !== undefined) this.#targets.delete(oldest);
    const ticket = randomBytes(24).toString("base64url");
    this.#targets.set(ticket, { target, until: now() + validMs });
    return ticket;
  }

  /** What a ticket is for, the first time it is shown. */
  take(ticket: string): T | undefined {
    const found = this.#targets.get(ticket);
    this.#targets.delete(ticket);
    return found !== undefined && found.until >= this.#options.now() ? found.target : undefined;
  }
}
