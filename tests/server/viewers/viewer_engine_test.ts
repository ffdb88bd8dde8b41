import assert from "node:assert/strict";
import { RequestError } from "../../../src/server/protocol.ts";
import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { ViewerEngine } from "../../../src/server/viewers/viewer_engine.ts";
import { FakeEngine } from "../../helpers/preview/fake_media.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";

const FAST = { preset: "fast", device: "cpu" };
const none = () => undefined;
const picture = () => ({ data: new Uint8Array(3), width: 1, height: 1 });

/** A server whose engines open when `open` is called with their preset. */
function slowServer() {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (preset: string) => {
    const known = gates.get(preset) ?? Promise.withResolvers<void>();
    gates.set(preset, known);
    return known;
  };
  const context = fakeServer(undefined, async ({ preset }) => {
    await gate(preset).promise;
    return new FakeEngine();
  });
  return { context, open: (preset: string) => gate(preset).resolve() };
}

Deno.test("ViewerEngine: restores with the engine chosen, and with none before", async () => {
  const context = fakeServer();
  await using engine = new ViewerEngine(context);
  assert.equal(engine.isReady, false);
  await assert.rejects(engine.use((one) => one.run(picture())), /No engine is open yet/);
  let loading = 0;
  assert.deepEqual(await engine.choose(FAST, () => loading++), FAST);
  assert.deepEqual([engine.isReady, engine.isLoading, loading], [true, false, 1]);
  assert.equal((await engine.use((one) => one.run(picture()))).image.width, 1);
});

Deno.test("ViewerEngine: refuses names that the server does not offer, before anything is loaded", async () => {
  await using engine = new ViewerEngine(fakeServer());
  const refused = (asked: typeof FAST) =>
    assert.rejects(engine.choose(asked, () => assert.fail()), RequestError);
  await refused({ preset: "best", device: "cpu" });
  await refused({ preset: "fast", device: "abacus" });
});

Deno.test("ViewerEngine: of two choices the later one counts, and the engine of the other is released", async () => {
  const { context, open } = slowServer();
  await using engine = new ViewerEngine(context);
  const first = engine.choose(FAST, none);
  const second = engine.choose({ preset: "paper", device: "cpu" }, none);
  assert.equal(engine.isLoading, true);
  open("fast");
  assert.equal(await first, undefined);
  open("paper");
  assert.deepEqual(await second, { preset: "paper", device: "cpu" });
  assert.equal(engine.isLoading, false);
  const { engines } = context;
  assert.ok(engines);
  open("other");
  // The pool has room for two engines in use: for this one only if the first was released.
  const third = await engines.lease({ preset: "other", device: "cpu" });
  await third[Symbol.asyncDispose]();
});

Deno.test("ViewerEngine: an engine that opens after it was disposed is released", async () => {
  const { context, open } = slowServer();
  const engine = new ViewerEngine(context);
  const choosing = engine.choose(FAST, none);
  await engine[Symbol.asyncDispose]();
  open("fast");
  assert.equal(await choosing, undefined);
  assert.equal(engine.isReady, false);
});

Deno.test("ViewerEngine: a job needs no engine", async () => {
  const { engines: _, ...context } = fakeServer();
  await using engine = new ViewerEngine(context);
  assert.equal(engine.isReady, true);
  assert.equal(await engine.choose(FAST, () => assert.fail()), undefined);
});

Deno.test("ViewerEngine: one viewer can change from device to device, however few engines there is room for", async () => {
  const opened: FakeEngine[] = [];
  const { engines: _, ...context } = fakeServer();
  await using engines = new EnginePool({
    open: () => {
      const engine = new FakeEngine(5);
      opened.push(engine);
      return Promise.resolve(engine);
    },
    limit: 1,
  });
  await using engine = new ViewerEngine({ ...context, engines });
  await engine.choose(FAST, none);
  const restoring = engine.use((one) => one.run(picture()));
  const chosen = engine.choose({ preset: "paper", device: "cpu" }, none);
  const after = engine.use((one) => one.run(picture()));
  assert.equal((await restoring).image.width, 1);
  assert.deepEqual(await chosen, { preset: "paper", device: "cpu" });
  assert.equal((await after).image.width, 1);
  assert.deepEqual(opened.map(({ isDisposed }) => isDisposed), [true, false]);
});

Deno.test("ViewerEngine: three quick changes end with the last, and every picture is restored", async () => {
  const opened: FakeEngine[] = [];
  const context = fakeServer(undefined, () => {
    const engine = new FakeEngine(5);
    opened.push(engine);
    return Promise.resolve(engine);
  });
  await using engine = new ViewerEngine(context);
  await engine.choose(FAST, none);
  const choices = [["paper", "cpu"], ["fast", "cuda"], ["paper", "cuda"]]
    .map(([preset = "", device = ""]) => engine.choose({ preset, device }, none));
  const pictures = Array.from({ length: 4 }, () => engine.use((one) => one.run(picture())));
  assert.deepEqual((await Promise.all(choices)).at(-1), { preset: "paper", device: "cuda" });
  for (const { image } of await Promise.all(pictures)) assert.equal(image.width, 1);
  assert.ok(opened.every(({ isDisposed }, i) => !isDisposed || i < opened.length - 1));
});

Deno.test("ViewerEngine: has its engine again when the one it was given up for cannot be opened", async () => {
  const { engines: _, ...context } = fakeServer();
  await using engines = new EnginePool({
    open: ({ preset }) =>
      preset === "fast" ? Promise.resolve(new FakeEngine()) : Promise.reject(new Error("no memory left")),
    limit: 1,
  });
  await using engine = new ViewerEngine({ ...context, engines });
  await engine.choose(FAST, none);
  await assert.rejects(engine.choose({ preset: "paper", device: "cpu" }, none), /no memory left/);
  assert.equal((await engine.use((one) => one.run(picture()))).image.width, 1);
});
