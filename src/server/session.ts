import type { Picture } from "../frame.ts";
import type { Restored, RestoreOptions } from "../model/engine/engine.ts";
import { type Connection, Courier } from "./courier.ts";
import type { EngineLease, EngineShare } from "./engine_share.ts";
import type { Feed, FeedSource } from "./feed.ts";
import type { Metrics } from "./metrics.ts";
import {
  type ClientMessage,
  CREDIT_LIMIT,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Settings,
} from "./protocol.ts";

/** What every session of a server works with. */
export interface Studio {
  readonly feeds: FeedSource;
  /** Absent for a job, whose frames come restored. */
  readonly engines?: EngineShare;
  readonly presets: readonly string[];
  readonly devices: readonly string[];
  /** What a viewer starts with. */
  readonly settings: Settings;
  readonly metrics: Metrics;
}

/** A viewer with this much on the way to it gets no frames, whatever credit it claims. */
const STUCK_BYTES = 256 * 1024;

/**
 * One viewer: what it looks at, with what, and how many frames it has asked for. Frames are restored and sent only
 * against credit, always the newest; nothing waits in a queue.
 */
export class Session implements AsyncDisposable {
  readonly #studio: Studio;
  readonly #connection: Connection;
  readonly #courier: Courier;
  readonly #timer: ReturnType<typeof setInterval>;
  #settings: Settings;
  #feed: Feed | undefined;
  #lease: EngineLease | undefined;
  #credit = 0;
  #opening = 0;
  /** What is said while a source is being opened is meant for that source. */
  #opened: Promise<void> = Promise.resolve();
  #choosing = 0;
  #isSaving = false;
  #isClosed = false;
  #failed = false;
  #wake = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  constructor(studio: Studio, connection: Connection) {
    this.#studio = studio;
    this.#connection = connection;
    this.#settings = studio.settings;
    this.#courier = new Courier({
      get bufferedAmount() {
        return connection.bufferedAmount;
      },
      send: (message) => this.#send(message),
    }, studio.metrics);
    this.#timer = setInterval(() => this.#tellStats(), 1000);
    this.#running = this.#run();
  }

  /** Greets the viewer; to be called once the connection is open. */
  async greet(): Promise<void> {
    const { feeds, presets, devices } = this.#studio;
    const settings = this.#settings;
    const sources = await feeds.list();
    this.#tell({
      type: "hello",
      version: PROTOCOL_VERSION,
      mode: feeds.mode,
      sources,
      presets,
      devices,
      settings,
    });
  }

  /** Does what a viewer asks. Never rejects: the viewer is told what went wrong. */
  async handle(message: ClientMessage): Promise<void> {
    try {
      await this.#obey(message);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #obey(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "open":
        return await (this.#opened = this.#open(message.source, message.seconds ?? 0));
      case "credit":
        if (message.painted !== undefined) this.#courier.stats.painted(message.painted);
        this.#credit = Math.min(CREDIT_LIMIT, this.#credit + message.frames);
        return this.#stir();
      case "play":
      case "pause":
        await this.#opened;
        this.#feed?.[message.type]();
        return this.#retry();
      case "seek":
        await this.#opened;
        this.#feed?.seek(message.seconds);
        return this.#retry();
      case "step":
        await this.#opened;
        this.#feed?.step(message.frames);
        return this.#retry();
      case "settings":
        return await this.#change(message);
      case "save":
        return await this.#save();
      case "ping":
        return this.#tell({ type: "pong" });
    }
  }

  async #open(id: string, seconds: number): Promise<void> {
    const turn = ++this.#opening;
    this.#tell({ type: "state", state: "loading", message: "Opening the source" });
    await this.#closeFeed();
    try {
      if (this.#lease === undefined) await this.#choose(this.#settings);
      const feed = await this.#studio.feeds.open(id, {
        restore: (picture, options) => this.#restore(picture, options),
        onState: () => this.#tellState(),
      });
      if (turn !== this.#opening || this.#isClosed) return await feed[Symbol.asyncDispose]();
      this.#feed = feed;
      this.#courier.stats.reset();
      this.#tell({ type: "source", source: feed.description });
      if (seconds > 0) feed.seek(seconds);
      this.#retry();
    } catch (error) {
      if (turn === this.#opening) this.#fail(error);
    }
  }

  /** Changes what a viewer looks at; keeps what was if the new engine cannot be had. */
  async #change({ preset, device, detail, branches, region }: Extract<ClientMessage, { type: "settings" }>) {
    this.#settings = {
      ...this.#settings,
      ...(detail === undefined ? {} : { detail }),
      ...(branches === undefined ? {} : { branches }),
      ...(region === undefined ? {} : { region }),
    };
    try {
      const wanted = { preset: preset ?? this.#settings.preset, device: device ?? this.#settings.device };
      if (wanted.preset !== this.#settings.preset || wanted.device !== this.#settings.device) {
        await this.#choose(wanted);
      }
    } finally {
      this.#tell({ type: "settings", settings: this.#settings });
      this.#feed?.repeat();
      this.#retry();
    }
  }

  async #choose({ preset, device }: { readonly preset: string; readonly device: string }): Promise<void> {
    const { engines, presets, devices } = this.#studio;
    if (engines === undefined) return;
    if (!presets.includes(preset)) {
      throw new RangeError(`No preset "${preset}" here; there are ${presets.join(", ")}`);
    }
    if (!devices.includes(device)) {
      throw new RangeError(`No device "${device}" here; there are ${devices.join(", ")}`);
    }
    const turn = ++this.#choosing;
    this.#tell({ type: "state", state: "loading", message: `Loading ${preset} on ${device}` });
    try {
      const lease = await engines.lease({ preset, device });
      if (turn !== this.#choosing || this.#isClosed) return await lease[Symbol.asyncDispose]();
      await this.#lease?.[Symbol.asyncDispose]();
      this.#lease = lease;
      this.#settings = { ...this.#settings, preset, device };
    } finally {
      if (turn === this.#choosing) this.#tellState();
    }
  }

  #restore(picture: Picture, options: RestoreOptions): Promise<Restored> {
    if (this.#lease === undefined) throw new RangeError("No engine was chosen");
    return this.#lease.run(picture, options);
  }

  /** One frame after another, each only when asked for. */
  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const feed = this.#feed;
      const isStuck = this.#connection.bufferedAmount > STUCK_BYTES;
      if (this.#credit === 0 || feed === undefined || this.#failed || isStuck) {
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
        continue;
      }
      this.#credit--;
      try {
        const shot = await feed.next(() => this.#settings);
        if (feed === this.#feed) await this.#courier.send(shot, (error) => this.#fail(error));
        else this.#credit++;
      } catch (error) {
        this.#credit++;
        if (feed === this.#feed) this.#fail(error);
      }
    }
    await this.#courier.settled();
  }

  /** Sends the pair on show as PNG, whole. One at a time, and only to a viewer who reads. */
  async #save(): Promise<void> {
    if (this.#isSaving || this.#connection.bufferedAmount > 0) return;
    this.#isSaving = true;
    try {
      const shot = await this.#feed?.still(this.#settings);
      if (shot === undefined) throw new RangeError("There is no picture to save yet");
      await this.#courier.save(shot);
    } finally {
      this.#isSaving = false;
    }
  }

  /** Leaves the error state, since the viewer asked for something else. */
  #retry(): void {
    this.#failed = false;
    this.#tellState();
    this.#stir();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#failed = true;
    this.#studio.metrics.failures++;
    this.#tell({ type: "state", state: "error", message: this.#studio.feeds.explain(error) });
  }

  #refuse(error: unknown): void {
    if (this.#isClosed) return;
    const code = error instanceof RangeError ? "refused" : "engine";
    this.#tell({ type: "error", code, message: this.#studio.feeds.explain(error) });
  }

  #tellState(): void {
    if (this.#feed !== undefined && !this.#failed) this.#tell({ type: "state", state: this.#feed.state });
  }

  #tellStats(): void {
    this.#stir(); // A socket does not say when it has drained.
    const feed = this.#feed;
    // Figures are not worth a place in a queue: a viewer who does not read gets none.
    if (feed === undefined || this.#connection.bufferedAmount > 0) return;
    const { skipped, secondsLeft } = feed;
    this.#tell({ type: "stats", ...this.#courier.stats.summary(), skipped, secondsLeft });
  }

  #tell(message: ServerMessage): void {
    this.#send(JSON.stringify(message));
  }

  #send(message: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#isClosed) this.#connection.send(message);
  }

  #stir(): void {
    this.#wake.resolve();
  }

  async #closeFeed(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    await feed?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stir();
    await this.#closeFeed();
    await this.#running;
    await this.#lease?.[Symbol.asyncDispose]();
  }
}
