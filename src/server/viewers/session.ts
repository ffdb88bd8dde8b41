import {
  type ClientMessage,
  CREDIT_LIMIT,
  PROTOCOL_VERSION,
  RequestError,
  type ServerMessage,
  type Settings,
} from "../protocol.ts";
import type { Playback } from "../sources/playback.ts";
import { type Connection, FrameSender } from "./frame_sender.ts";
import type { ServerContext } from "./server_context.ts";
import { type AskedEngine, ViewerEngine } from "./viewer_engine.ts";

/** Pictures that may be waiting to be saved. */
const SAVE_LIMIT = 4;

/** A viewer with more bytes than this on the way gets no frames, whatever its credit. */
const STUCK_BYTES = 256 * 1024;

/**
 * One viewer: the source it watches, its engine and settings, and its credit. A frame is restored and sent only against
 * credit, and it is the frame due at that moment; frames are never queued.
 */
export class Session implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #connection: Connection;
  readonly #sender: FrameSender;
  readonly #engine: ViewerEngine;
  readonly #timer: ReturnType<typeof setInterval>;
  #settings: Settings;
  #playback: Playback | undefined;
  #credit = 0;
  #openings = 0;
  /** The latest `open`: requests that arrive while a source is being opened are meant for that source. */
  #opened: Promise<void> = Promise.resolve();
  #saves = 0;
  #isClosed = false;
  #hasFailed = false;
  #wake = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  constructor(context: ServerContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
    this.#engine = new ViewerEngine(context);
    this.#settings = context.settings;
    this.#sender = new FrameSender({
      get bufferedAmount() {
        return connection.bufferedAmount;
      },
      send: (message) => this.#write(message),
    }, context.metrics);
    this.#timer = setInterval(() => this.#sendStats(), 1000);
    this.#running = this.#run();
  }

  /** Sends `hello`; to be called once the connection is open. */
  async greet(): Promise<void> {
    const { sources, presets, devices } = this.#context;
    const settings = this.#settings;
    this.#send({
      type: "hello",
      version: PROTOCOL_VERSION,
      mode: sources.mode,
      sources: await sources.list(),
      presets,
      devices: Array.from(devices, ([name, about]) => ({ name, about })),
      settings,
    });
  }

  /** Carries out a request. Never rejects: what goes wrong is sent to the viewer. */
  async handle(message: ClientMessage): Promise<void> {
    try {
      await this.#carryOut(message);
    } catch (error) {
      this.#sendError(error);
    }
  }

  async #carryOut(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "open":
        return await (this.#opened = this.#open(message.source, message.seconds ?? 0));
      case "credit":
        if (message.painted !== undefined) this.#sender.stats.painted(message.painted);
        this.#credit = Math.min(CREDIT_LIMIT, this.#credit + message.frames);
        return this.#wake.resolve();
      case "play":
      case "pause":
        await this.#opened;
        this.#playback?.[message.type]();
        return this.#resume();
      case "seek":
        await this.#opened;
        this.#playback?.seek(message.seconds);
        return this.#resume();
      case "step":
        await this.#opened;
        this.#playback?.step(message.frames);
        return this.#resume();
      case "settings":
        return await this.#change(message);
      case "save":
        return await this.#save();
      case "ping":
        return this.#send({ type: "pong" });
    }
  }

  async #open(id: string, seconds: number): Promise<void> {
    const turn = ++this.#openings;
    this.#send({ type: "state", state: "loading", message: "Opening the source" });
    await this.#closePlayback();
    try {
      if (!this.#engine.isReady) await this.#choose(this.#settings);
      const playback = await this.#context.sources.open(id, {
        restore: (picture, options) => this.#engine.restore(picture, options),
        onState: () => this.#sendState(),
      });
      if (turn !== this.#openings || this.#isClosed) return await playback[Symbol.asyncDispose]();
      this.#playback = playback;
      this.#sender.stats.reset();
      this.#send({ type: "source", source: playback.description });
      if (seconds > 0) playback.seek(seconds);
      this.#resume();
    } catch (error) {
      if (turn === this.#openings) this.#fail(error);
    }
  }

  /** Changes the settings; preset and device stay as they were if the new engine cannot be had. */
  async #change({ preset, device, detail, branches, region }: Extract<ClientMessage, { type: "settings" }>) {
    this.#settings = {
      ...this.#settings,
      ...(detail === undefined ? {} : { detail }),
      ...(branches === undefined ? {} : { branches }),
      ...(region === undefined ? {} : { region }),
    };
    try {
      const { preset: presetNow, device: deviceNow } = this.#settings;
      const choice = { preset: preset ?? presetNow, device: device ?? deviceNow };
      if (choice.preset !== presetNow || choice.device !== deviceNow) await this.#choose(choice);
    } finally {
      this.#send({ type: "settings", settings: this.#settings });
      this.#playback?.repeat();
      this.#resume();
    }
  }

  async #choose(asked: AskedEngine): Promise<void> {
    const message = `Loading ${asked.preset} on ${asked.device}`;
    const onLoading = () => this.#send({ type: "state", state: "loading", message });
    try {
      const choice = await this.#engine.choose(asked, onLoading);
      this.#settings = { ...this.#settings, ...choice };
    } finally {
      if (!this.#engine.isLoading) this.#sendState();
    }
  }

  /** Restores and sends one frame after another, each against credit. */
  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const playback = this.#playback;
      const isStuck = this.#connection.bufferedAmount > STUCK_BYTES;
      // A picture to be saved waits until nothing is on its way: from the request on, no frame gets in front of it.
      const isHeld = isStuck || this.#saves > 0;
      if (this.#credit === 0 || playback === undefined || this.#hasFailed || isHeld) {
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
        continue;
      }
      this.#credit--;
      try {
        const frame = await playback.next(() => this.#settings);
        if (playback === this.#playback) {
          await this.#sender.send(frame, (error) => this.#refund(playback, error));
        } else this.#refund(playback);
      } catch (error) {
        this.#refund(playback, error);
      }
    }
    await this.#sender.settled();
  }

  /** Gives the credit of a frame back that is not sent, because the viewer left its source or it failed. */
  #refund(playback: Playback, error?: unknown): void {
    this.#credit = Math.min(CREDIT_LIMIT, this.#credit + 1);
    if (error !== undefined && playback === this.#playback) this.#fail(error);
    this.#wake.resolve();
  }

  /** Sends the pair on show as PNG, whole. */
  async #save(): Promise<void> {
    if (this.#saves >= SAVE_LIMIT) {
      throw new RequestError("Too many pictures are being saved at once. Try again when they have arrived");
    }
    this.#saves++;
    try {
      const frame = await this.#playback?.still(this.#settings);
      if (frame === undefined) throw new RequestError("There is no picture to save yet. Wait for the first");
      await this.#sender.save(frame);
    } finally {
      this.#saves--;
      this.#wake.resolve();
    }
  }

  /** Leaves the error state after a request of the viewer, and goes on. */
  #resume(): void {
    this.#hasFailed = false;
    this.#sendState();
    this.#wake.resolve();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#hasFailed = true;
    this.#context.metrics.failures++;
    this.#send({ type: "state", state: "error", message: this.#context.sources.explain(error) });
  }

  #sendError(error: unknown): void {
    const code = error instanceof RequestError ? "refused" : "engine";
    this.#send({ type: "error", code, message: this.#context.sources.explain(error) });
  }

  #sendState(): void {
    if (this.#playback !== undefined && !this.#hasFailed) {
      this.#send({ type: "state", state: this.#playback.state });
    }
  }

  #sendStats(): void {
    this.#wake.resolve(); // a socket has no event for having drained
    // Statistics are not worth queueing: a viewer who does not read gets none.
    if (this.#playback === undefined || this.#connection.bufferedAmount > 0) return;
    const { skipped, secondsLeft } = this.#playback;
    this.#send({ type: "stats", ...this.#sender.stats.summary(), skipped, secondsLeft });
  }

  #send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  #write(message: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#isClosed) this.#connection.send(message);
  }

  async #closePlayback(): Promise<void> {
    const playback = this.#playback;
    this.#playback = undefined;
    await playback?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#sender.close();
    this.#wake.resolve();
    await this.#closePlayback();
    await this.#running;
    await this.#engine[Symbol.asyncDispose]();
  }
}
