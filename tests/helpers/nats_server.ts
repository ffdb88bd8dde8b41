import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "./temporary_folder.ts";

/** Whether the program `nats-server` is installed: tests that need it are ignored elsewhere. */
export const HAS_NATS_SERVER = spawnSync("nats-server", ["--version"]).status === 0;

/** A server of the test's own, on a free port of this machine. */
export interface NatsServer extends AsyncDisposable {
  readonly address: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it had stored. */
  start(): Promise<void>;
}

/** Starts a server with JetStream. @param args Further arguments. */
export async function natsServer(args: readonly string[] = []): Promise<NatsServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    child = undefined;
  };
  const start = async () => {
    const own = ["-js", "-sd", folder.path, "-a", "127.0.0.1", "-p", `${port}`];
    child = spawn("nats-server", [...own, ...args], { stdio: "ignore" });
    while (!await answers(port)) await delay(20);
  };
  await start();
  return {
    address: `nats://127.0.0.1:${port}`,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once("data", () => resolve(true)); // the server introduces itself
  socket.once("error", () => resolve(false));
  const isThere = await promise;
  socket.destroy();
  return isThere;
}
