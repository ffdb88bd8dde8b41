import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../src/errors.ts";
import { main, type ServerParts } from "../../src/server/main.ts";
import { FakeEngine, fakeSource } from "../helpers/preview/fake_media.ts";
import { CLIP, fakeReading } from "../helpers/preview/fake_server.ts";
import { SocketClient } from "../helpers/preview/socket_client.ts";

async function withParts(
  use: (parts: ServerParts, said: { out: string[]; err: string[] }, stop: () => void) => Promise<void>,
) {
  const samples = await Deno.makeTempDir();
  await Deno.writeTextFile(join(samples, "clip.mp4"), "");
  const said = { out: [] as string[], err: [] as string[] };
  const stop = new AbortController();
  const parts: ServerParts = {
    ...fakeReading(() => CLIP),
    openBrowser: () => Promise.resolve(),
    openLive: () => Promise.resolve(fakeSource({ ...CLIP, kind: "live" })),
    openEngine: () => Promise.resolve(new FakeEngine()),
    weights: new Map([["paper", "paper.safetensors"], ["fast", "fast.safetensors"]]),
    devices: new Map([["auto", "the first that works"], ["cpu", "the processor"]]),
    samples,
    stdout: (line) => said.out.push(line),
    stderr: (line) => said.err.push(line),
    signal: stop.signal,
  };
  try {
    await use(parts, said, () => stop.abort());
  } finally {
    await Deno.remove(samples, { recursive: true });
  }
}

async function firstLine(lines: string[]): Promise<string> {
  for (const late = Date.now() + 120_000; lines.length === 0 && Date.now() < late;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return lines[0] ?? "";
}

Deno.test("main prints one address, serves it, and returns 0 after a shutdown", async () => {
  await withParts(async (parts, { out, err }, stop) => {
    const running = main(["--port", "0"], parts);
    const url = await firstLine(out);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    using client = await SocketClient.open(url);
    const hello = await client.message("hello");
    assert.deepEqual([hello.settings.preset, hello.presets], ["fast", ["paper", "fast"]]);
    client.send({ type: "open", source: hello.sources[0]?.id ?? "" });
    client.send({ type: "credit", frames: 1 });
    assert.equal((await client.frame()).width, CLIP.width);
    stop();
    assert.equal(await running, 0);
    const { code } = await client.closed;
    assert.ok([4503, 1001, 0, 1006].includes(code), `${code}`);
    assert.deepEqual([out.length, err], [1, []]);
  });
});

Deno.test("main says which port is taken, and what to do", async () => {
  await withParts(async (parts) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    await assert.rejects(main(["--port", String(port)], parts), {
      name: "UsageError",
      message: new RegExp(`^Cannot listen on 127\\.0\\.0\\.1, port ${port}: .*Choose another --port`),
    });
  });
});

Deno.test("main passes on what an engine has to say of its device", async () => {
  await withParts(async (parts, { out, err }, stop) => {
    const note = 'Device "cuda": no driver. Using "cpu" instead.';
    const openEngine = () => Promise.resolve(Object.assign(new FakeEngine(), { notes: [note] }));
    const running = main(["--port", "0"], { ...parts, openEngine });
    await firstLine(out);
    assert.deepEqual(err, [note]);
    stop();
    await running;
  });
});

Deno.test("main serves an address as a live stream, without its password", async () => {
  await withParts(async (parts, { out }, stop) => {
    const running = main(["rtsp://me:secret@127.0.0.1:8554/cam", "--port", "0"], parts);
    using client = await SocketClient.open(await firstLine(out));
    const { mode, sources } = await client.message("hello");
    assert.deepEqual([mode, sources], ["live", [{ id: "live", name: "rtsp://127.0.0.1:8554/cam" }]]);
    stop();
    await running;
  });
});

Deno.test("main refuses arguments that are not valid, and says what is", async () => {
  await withParts(async (parts) => {
    const bad: [string[], RegExp][] = [
      [["--port", "99999"], /^Invalid value "99999" for --port: expected a whole number from 0 to 65535$/],
      [["--port", "1.5"], /^Invalid value "1\.5" for --port: expected a whole/],
      [["--port", "-1"], /^Invalid value "-1" for --port: expected a whole number from 0 to 65535$/],
      [["--port"], /^Option '--port <value>' argument missing\. Use --help to see all flags$/],
      [["--port", "--host"], /^Option '--port' needs a value, but a flag follows\. Use --help/],
      [["--detail", "x"], /^Invalid value "x" for --detail: expected a number from 0 to 4$/],
      [
        ["--viewers", "-0.5"],
        /^Invalid value "-0\.5" for --viewers: expected a whole number from 1 to 10000$/,
      ],
      [["--preset", "best"], /no weights for preset "best"\. Choose one of paper, fast$/],
      [["--device", "abacus"], /^Invalid value "abacus" for --device: expected auto or cpu$/],
      [["a.mp4", "b.mp4"], /^2 sources are given\. Give one/],
      [["--nonsense"], /nonsense/],
    ];
    for (const [args, message] of bad) {
      await assert.rejects(
        main(args, parts),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    }
    await assert.rejects(main(["/nowhere.mp4"], parts), /nowhere/);
  });
});

Deno.test("main --help names its flags and every device, and serves nothing", async () => {
  await withParts(async (parts, { out }) => {
    assert.equal(await main(["--help"], parts), 0);
    for (const text of ["--port", "--host", "--preset", "--device", "the processor"]) {
      assert.ok(out[0]?.includes(text), text);
    }
  });
});
