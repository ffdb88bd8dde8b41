import { readFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { makeClip } from "./make_clip.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** A server on loopback that gives each caller to `serve`. */
export async function liveServer(serve: (socket: Socket) => Promise<void>) {
  const sockets = new Set<Socket>();
  const serving: Promise<void>[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    // The reader hangs up in the middle: that is what a viewer does.
    socket.on("error", () => {});
    serving.push(serve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    address: `tcp://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(serving);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that sends a transport stream of so many frames at once, and then hangs up or falls silent. */
export async function streamServer(frames: number, then: "hangs up" | "falls silent") {
  const bytes = await transportStream(frames);
  return await liveServer(async (socket) => {
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    if (then === "hangs up") socket.end();
  });
}

/** The bytes of a transport stream of so many frames. */
export async function transportStream(frames: number): Promise<Uint8Array> {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  await makeClip(path, { pts: Array.from({ length: frames }, (_, i) => i) });
  return await readFile(path);
}
