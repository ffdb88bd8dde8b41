import { type Engine, openEngine, openMedia } from "../../../mod.ts";
import { JobFolder } from "../../../src/server/jobs/job_folder.ts";
import type { JobSettings } from "../../../src/server/jobs/job.ts";
import { Workbench, type WorkbenchOptions } from "../../../src/server/jobs/workbench.ts";
import { openCatalog } from "../../../src/server/sources/catalog.ts";
import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { makeClip } from "../make_clip.ts";
import { writeSmokeWeights } from "../smoke_weights.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** What a job does if nothing else is said: the smoke network on the processor. */
export const JOB_SETTINGS: JobSettings = {
  preset: "smoke",
  device: "cpu",
  detail: 1,
  everywhere: false,
  codec: null,
  crf: null,
  range: null,
  crop: null,
};

/** A folder with a real clip of 12 frames, a folder for jobs, and a small network, whose pictures can be held back. Dispose it. */
export async function jobPlace() {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await temporaryFolder());
  const weights = await writeSmokeWeights(place.file("smoke.safetensors"));
  await Deno.mkdir(place.file("clips"));
  const clip = place.file("clips/clip.mp4");
  const sample = (plane: number, x: number, y: number, t: number) =>
    plane === 0 ? 120 + 60 * Math.sin((x + 2 * y + 5 * t) / 4) : 128;
  await makeClip(clip, { pts: Array.from({ length: 12 }, (_, i) => i), sample });
  const owned = opened.move();
  const gate = pictureGate();
  const openSmoke = async (): Promise<Engine> => gate.guard(await openEngine({ weights, device: "cpu" }));
  return { ...place, clip, weights, openSmoke, gate, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Lets the pictures of engines pass, or makes them wait from \`hold\` to \`release\`: a job runs as long as a test wants. */
function pictureGate() {
  let opening = Promise.withResolvers<void>();
  opening.resolve();
  return {
    hold: () => opening = Promise.withResolvers(),
    release: () => opening.resolve(),
    guard: (engine: Engine): Engine => ({
      device: engine.device,
      concurrency: engine.concurrency,
      run: async (...args) => {
        await opening.promise;
        return await engine.run(...args);
      },
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }),
  };
}

/** A workbench with the clip of {@linkcode jobPlace}, without a server. Dispose it. */
export async function openWorkbench(
  place: Awaited<ReturnType<typeof jobPlace>>,
  options: Partial<WorkbenchOptions> = {},
) {
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(new EnginePool({ open: place.openSmoke }));
  const folder = opened.use(await JobFolder.open(place.file("jobs")));
  const served = await openCatalog(place.file("clips"));
  const warnings: string[] = [];
  const onWarning = (line: string) => void warnings.push(line);
  const workbench = opened.use(
    await Workbench.open(folder, { served, engines, openMedia, onWarning, ...options }),
  );
  const [entry] = await served.list();
  const owned = opened.move();
  return {
    workbench,
    engines,
    folder,
    warnings,
    source: entry?.id ?? "",
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Waits until a job is in one of these states. */
export async function untilState(workbench: Workbench, id: string, ...states: string[]): Promise<void> {
  const { board } = workbench;
  while (!states.includes(board.find(id)?.state ?? "")) {
    await new Promise<void>((resolve) => {
      const leave = board.listen(() => {
        leave();
        resolve();
      });
    });
  }
}
