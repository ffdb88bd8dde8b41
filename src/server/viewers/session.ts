import {
  type ClientMessage,
  PROTOCOL_VERSION,
  RequestError,
  type ServerMessage,
  type Settings,
} from "../protocol.ts";
import { VIDEO_CODECS } from "../../../mod.ts";
import type { Playback } from "../sources/playback.ts";
import type { JobChange } from "../jobs/watched_job.ts";
import { FramePump } from "./frame_pump.ts";
import { type Connection, FrameSender } from "./frame_sender.ts";
import { carryOutJobRequest, isJobRequest } from "./job_requests.ts";
import type { ServerContext } from "./server_context.ts";
import { type AskedEngine, ViewerEngine } from "./viewer_engine.ts";
import { WorkSigns } from "./work_signs.ts";

/** Pictures that may be waiting to be saved. */
const SAVE_LIMIT = 4;
/** Milliseconds after which a frame that is not restored yet is shown blurry: paused, and playing. */
const SIGN_MS = { paused: 250, playing: 1500 };

/** One viewer: the source it watches, its engine and settings, and what it asks. */
export class Session implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #connection: Connection;
  readonly #sender: FrameSender;
  readonly #engine: ViewerEngine;
  readonly #pump: FramePump;
  readonly #signs: WorkSigns;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: readonly ((() => void) | undefined)[];
  #settings: Settings;
  #openings = 0;
  /** The latest `open`: requests that arrive while a source is being opened are meant for that source. */
  #opened: Promise<void> = Promise.resolve();
  #saves = 0;
  /** `id` of the last `loop`. */
  #loop: number | undefined;
  /** The description that was sent last. */
  #described = "";
  #areJobsNews = false;
  #isClosed = false;

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
    this.#signs = new WorkSigns({
      send: (message) => this.#send(message),
      sendBlurry: (frame, isOver) => this.#sender.sendBlurry(frame, isOver),
      delayMs: () => SIGN_MS[this.#pump.playback?.state === "playing" ? "playing" : "paused"],
    });
    this.#pump = new FramePump({
      connection,
      sender: this.#sender,
      settings: () => this.#settings,
      // A picture to be saved waits until nothing is on its way: from the request on, no frame gets in front of it.
      isHeld: () => this.#saves > 0,
      onFailure: (error) => this.#fail(error),
    });
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#unsubscribe = [
      context.board?.listen((change) => this.#jobsChanged(change)),
      context.workbench?.listen(() => void this.#sendSources()),
    ];
  }

  /** Sends `hello`; to be called once the connection is open. */
  async greet(): Promise<void> {
    const { sources, presets, devices, workbench, board } = this.#context;
    this.#send({
      type: "hello",
      version: PROTOCOL_VERSION,
      mode: sources.mode,
      sources: await sources.list(),
      passedOver: await sources.passedOver(),
      presets,
      devices: Array.from(devices, ([name, about]) => ({ name, about })),
      settings: this.#settings,
      workbench: workbench ? { uploadLimit: workbench.uploads.limit, codecs: VIDEO_CODECS } : null,
    });
    if (board) this.#sendJobs();
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
    if (isJobRequest(message)) {
      const answer = await carryOutJobRequest(message, this.#context);
      if (answer) this.#send(answer);
      return;
    }
    switch (message.type) {
      case "open":
        return await (this.#opened = this.#open(message.source, message.seconds ?? 0));
      case "credit":
        if (message.painted !== undefined) this.#sender.stats.painted(message.painted);
        return this.#pump.grant(message.frames);
      case "settings":
        return await this.#change(message);
      case "save":
        return await this.#save();
      case "ping":
        return this.#send({ type: "pong" });
      default:
        await this.#opened;
        return this.#steer(message);
    }
  }

  #steer(message: Extract<ClientMessage, { type: "play" | "pause" | "seek" | "step" | "loop" }>): void {
    const { playback } = this.#pump;
    if (message.type === "loop") this.#loop = message.id;
    if (message.type === "seek") playback?.seek(message.seconds);
    else if (message.type === "step") playback?.step(message.frames);
    else if (message.type === "loop") playback?.loop(message.isOn);
    else playback?.[message.type]();
    this.#resume();
  }

  async #open(id: string, seconds: number): Promise<void> {
    const turn = ++this.#openings;
    this.#send({ type: "state", state: "loading", message: "Opening the source" });
    this.#described = "";
    await this.#closePlayback();
    await this.#sender.settled(); // from the description on, all frames are of the source that it describes
    try {
      if (!this.#engine.isReady) await this.#choose(this.#settings);
      const playback = await this.#context.sources.open(id, {
        use: (work) => this.#engine.use(work),
        begin: (blurry) => this.#signs.begin(blurry, () => turn !== this.#openings),
        onState: () => turn === this.#openings ? this.#sourceChanged() : undefined,
      });
      if (turn !== this.#openings || this.#isClosed) return await playback[Symbol.asyncDispose]();
      this.#pump.playback = playback;
      this.#sender.stats.reset();
      this.#describe(playback);
      if (this.#settings.range) playback.repeat(this.#settings); // set by a viewer who connects again
      if (seconds > 0) playback.seek(seconds);
      this.#resume();
    } catch (error) {
      if (turn === this.#openings) this.#pump.fail(error);
    }
  }

  /** Changes the settings; preset and device stay as they were if the new engine cannot be had. */
  async #change({ type: _, preset, device, ...others }: Extract<ClientMessage, { type: "settings" }>) {
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    this.#settings = { ...this.#settings, ...Object.fromEntries(given) };
    try {
      const { preset: presetNow, device: deviceNow } = this.#settings;
      const choice = { preset: preset ?? presetNow, device: device ?? deviceNow };
      if (choice.preset !== presetNow || choice.device !== deviceNow) await this.#choose(choice);
    } finally {
      this.#send({ type: "settings", settings: this.#settings });
      this.#pump.playback?.repeat(this.#settings);
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

  /** Sends the pair on show as PNG, whole. */
  async #save(): Promise<void> {
    if (this.#saves >= SAVE_LIMIT) {
      throw new RequestError("Too many pictures are being saved at once. Try again when they have arrived");
    }
    this.#saves++;
    try {
      const frame = await this.#pump.playback?.still(this.#settings);
      if (frame === undefined) throw new RequestError("There is no picture to save yet. Wait for the first");
      await this.#sender.save(frame);
    } finally {
      this.#saves--;
      this.#pump.wake();
    }
  }

  /** Leaves the error state after a request of the viewer, and goes on. */
  #resume(): void {
    this.#pump.resume();
    this.#sendState();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#context.metrics.failures++;
    this.#send({ type: "state", state: "error", message: this.#context.sources.explain(error) });
  }

  #sendError(error: unknown): void {
    const code = error instanceof RequestError ? "refused" : "engine";
    this.#send({ type: "error", code, message: this.#context.sources.explain(error) });
  }

  #sendState(): void {
    const { playback, hasFailed } = this.#pump;
    if (playback === undefined || hasFailed) return;
    const { state, end } = playback;
    const isLoop = state === "rendering" || state === "rendered";
    const loop = isLoop && this.#loop !== undefined ? { loop: this.#loop } : {};
    this.#send({ type: "state", state, ...loop, ...(state === "ended" && end) });
  }

  #sourceChanged(): void {
    if (this.#pump.playback !== undefined) this.#describe(this.#pump.playback);
    this.#sendState();
  }

  /** Sends the description of a source, unless that is known. */
  #describe({ description: source }: Playback): void {
    const text = JSON.stringify(source);
    if (text === this.#described) return;
    this.#described = text;
    this.#send({ type: "source", source });
  }

  async #sendSources(): Promise<void> {
    try {
      const { sources } = this.#context;
      const [list, passedOver] = await Promise.all([sources.list(), sources.passedOver()]);
      this.#send({ type: "sources", sources: list, passedOver });
    } catch (error) {
      this.#sendError(error);
    }
  }

  #jobsChanged(change: JobChange): void {
    if (change === "state") this.#sendJobs();
    else this.#areJobsNews = true; // sent with the next statistics
  }

  #sendJobs(): void {
    this.#areJobsNews = false;
    this.#send({ type: "jobs", jobs: this.#context.board?.describe() ?? [] });
  }

  #tick(): void {
    this.#pump.wake(); // a socket has no event for having drained
    // Statistics are not worth queueing: a viewer who does not read gets none.
    if (this.#connection.bufferedAmount > 0) return;
    if (this.#areJobsNews) this.#sendJobs();
    const { playback } = this.#pump;
    if (playback === undefined) return;
    const { skipped, secondsLeft, framesPerSecond } = playback;
    const summary = this.#sender.stats.summary();
    const rate = framesPerSecond === undefined ? {} : { framesPerSecond };
    this.#send({ type: "stats", ...summary, ...rate, skipped, secondsLeft });
  }

  #send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  #write(message: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#isClosed) this.#connection.send(message);
  }

  async #closePlayback(): Promise<void> {
    const { playback } = this.#pump;
    this.#pump.playback = undefined;
    await playback?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe?.();
    this.#sender.close();
    await this.#closePlayback();
    await this.#pump[Symbol.asyncDispose]();
    await this.#engine[Symbol.asyncDispose]();
  }
}
