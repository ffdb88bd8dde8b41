import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../src/errors.ts";
import { main, type ServerParts } from "../../src/server/main.ts";
import { FakeEngine, fakeSource } from "../helpers/preview/fake_media.ts";
import { networkWarning } from "../../src/server/http/network_warning.ts";
import { CLIP } from "../helpers/preview/fake_server.ts";
import { SocketClient } from "../helpers/preview/socket_client.ts";

async function withParts(
  use: (parts: ServerParts, said: { out: string[]; err: string[] }, stop: () => void) => Promise<void>,
) {
  const samples = await Deno.makeTempDir();
  await Deno.writeTextFile(join(samples, "clip.mp4"), "");
  const said = { out: [] as string[], err: [] as string[] };
  const stop = new AbortController();
  const parts: ServerParts = {
    openMedia: (_path, { start }) => Promise.resolve(fakeSource(CLIP, start)),
    openLive: () => Promise.resolve(fakeSource({ ...CLIP, kind: "live" })),
    openEngine: () => Promise.resolve(new FakeEngine()),
    weights: new Map([["paper", "paper.safetensors"], ["fast", "fast.safetensors"]]),
    devices: ["auto", "cpu"],
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
  for (let i = 0; i < 1500 && lines.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return lines[0] ?? "";
}

Deno.test("main prints one address, serves it, and returns 0 once it is told to stop", async () => {
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

Deno.test("networkWarning says what is opened and to whom, with the address for others", () => {
  const said = networkWarning("http://127.0.0.1:8080/?token=abc", "holiday.mp4");
  assert.match(said, /every network.*whoever has the address.*holiday\.mp4/s);
  const others = said.split("\n").filter((line) => line.includes("http://"));
  for (const line of others) assert.match(line, /^ {2}http:\/\/(?!127\.)[\d.]+:8080\/\?token=abc$/);
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

Deno.test("main refuses arguments that make no sense, and says what would", async () => {
  await withParts(async (parts) => {
    const bad: [string[], RegExp][] = [
      [["--port", "99999"], /^--port is "99999"; wanted a whole number from 0 to 65535$/],
      [["--port", "1.5"], /^--port is "1\.5"; wanted a whole/],
      [["--port", "-1"], /^--port is "-1"; wanted a whole number from 0 to 65535$/],
      [["--port"], /^Option '--port <value>' argument missing; --help lists the flags$/],
      [["--port", "--host"], /^Option '--port' wants a value, and what follows looks like a flag; --help/],
      [["--detail", "x"], /^--detail is "x"; wanted a number from 0 to 4$/],
      [["--viewers", "-0.5"], /^--viewers is "-0\.5"; wanted a whole number from 1 to 10000$/],
      [["--preset", "best"], /"best"; there are: paper, fast/],
      [["--device", "abacus"], /"abacus"; there are auto, cpu/],
      [["a.mp4", "b.mp4"], /One source/],
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

Deno.test("main --help tells its options and serves nothing", async () => {
  await withParts(async (parts, { out }) => {
    assert.equal(await main(["--help"], parts), 0);
    for (const flag of ["--port", "--host", "--preset", "--device"]) assert.ok(out[0]?.includes(flag));
  });
});
