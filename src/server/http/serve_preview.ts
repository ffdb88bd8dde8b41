// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { createApp } from "./app.ts";
import { openHttpServer } from "./http_server.ts";
import { pageFiles } from "./page_files.ts";
import { allowedHosts, newToken } from "./security.ts";
import type { Viewers } from "../viewers/viewers.ts";

/** Where the preview is served. */
export interface ServePreviewOptions {
  /** @default {"127.0.0.1"} */
  readonly hostname?: string;
  /** 0 takes any free port. @default {0} */
  readonly port?: number;
  /** Further `Host` headers to answer, for a name or a proxy in front ("preview.example:443"). @default {[]} */
  readonly hosts?: readonly string[];
  /** @default {a new one} */
  readonly token?: string;
  /** Folder of the page. @default {static/ of this project} */
  readonly pageFolder?: URL;
  /** Milliseconds within which the head of a request has to arrive. @default {10_000} */
  readonly headMs?: number;
}

/** A running preview server. Disposing it disconnects every viewer, stops listening and disposes the viewers. */
export interface ServedPreview extends AsyncDisposable {
  /** Address of the page, with its token. */
  readonly url: string;
}

/**
 * Serves the preview over HTTP. Takes ownership of `viewers`, even when it fails.
 *
 * @throws {ListenError} if the port is taken.
 */
export async function servePreview(
  viewers: Viewers,
  options: ServePreviewOptions = {},
): Promise<ServedPreview> {
  const { hostname = "127.0.0.1", port = 0, token = newToken(), hosts: extra = [], pageFolder, headMs } =
    options;
  const handlers = async (port: number) => {
    const hosts = allowedHosts(hostname, port, extra);
    const app = createApp({ viewers, token, hosts, files: await pageFiles(pageFolder) });
    return { fetch: app.fetch, connect: (socket: WebSocket) => connect(socket, viewers) };
  };
  const opening = openHttpServer(handlers, { hostname, port, ...(headMs !== undefined && { headMs }) });
  const server = await opening.catch(async (error) => {
    await viewers[Symbol.asyncDispose]();
    throw error;
  });
  const close = async () => {
    await viewers[Symbol.asyncDispose](); // first, so that sockets are closed with a reason
    await server[Symbol.asyncDispose]();
  };
  return {
    url: `http://${urlHost(hostname)}:${server.port}/?token=${token}`,
    [Symbol.asyncDispose]: close,
  };
}

/** Makes a viewer of a socket, and passes its events on. */
function connect(socket: WebSocket, viewers: Viewers): void {
  const viewer = viewers.join({
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    // A socket that is closing throws; its close event follows.
    send: (message) => socket.readyState === socket.OPEN ? socket.send(message) : undefined,
    close: (code, reason) => socket.close(code, reason),
  });
  socket.on("message", (data, isBinary) => viewer.received(isBinary ? data : String(data)));
  socket.on("close", () => viewer.closed());
  socket.on("error", () => viewer.broke()); // a close event follows
  viewer.opened();
}

/** The host by which this machine reaches a server bound to `hostname`. */
function urlHost(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
