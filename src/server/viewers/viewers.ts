import { ConnectedViewer, type ViewerLimits, type ViewerSocket } from "./connected_viewer.ts";
import type { ServerContext } from "./server_context.ts";

/** Options of {@linkcode Viewers}. */
export interface ViewersOptions extends ViewerLimits {
  /** Viewers at once. @default {64} */
  readonly viewers?: number;
}

/** All viewers of a server. Disposing it disconnects them. */
export class Viewers implements AsyncDisposable {
  readonly context: ServerContext;
  readonly #limit: number;
  readonly #limits: ViewerLimits;
  readonly #open = new Set<ConnectedViewer>();
  readonly #ending = new Set<Promise<void>>();
  #isClosing = false;

  constructor(context: ServerContext, { viewers = 64, ...limits }: ViewersOptions = {}) {
    this.context = context;
    this.#limit = viewers;
    this.#limits = limits;
  }

  /** Whether one more viewer may connect. */
  get hasRoom(): boolean {
    return !this.#isClosing && this.#open.size < this.#limit;
  }

  /** Whether the server is shutting down. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Adds a viewer whose socket is being opened. The caller passes the socket's events on to it. */
  join(socket: ViewerSocket): ConnectedViewer {
    const { metrics } = this.context;
    const viewer = new ConnectedViewer(this.context, socket, this.#limits, (session) => {
      this.#open.delete(viewer);
      metrics.viewers = this.#open.size;
      const ending = session.finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    });
    this.#open.add(viewer);
    metrics.connections++;
    metrics.viewers = this.#open.size;
    return viewer;
  }

  /** Disconnects all viewers, waits until their sessions have ended, then disposes engines and sources. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    for (const viewer of [...this.#open]) viewer.close(4503, "The server is shutting down");
    // Engines first, so that no session waits for a picture that is still being restored.
    await this.context.engines?.[Symbol.asyncDispose]();
    await Promise.all(this.#ending);
    await this.context.sources[Symbol.asyncDispose]();
  }
}
