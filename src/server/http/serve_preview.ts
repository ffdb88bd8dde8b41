import { createApp } from "./app.ts";
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
}

/** A running preview server. Disposing it disconnects every viewer, stops listening and disposes the viewers. */
export interface ServedPreview extends AsyncDisposable {
  /** Address of the page, with its token. */
  readonly url: string;
  /** Rejects if the server fails. */
  readonly finished: Promise<void>;
}

/**
 * Serves the preview over HTTP. Takes ownership of `viewers`, even when it fails.
 *
 * @throws {Deno.errors.AddrInUse} if the port is taken.
 */
export async function servePreview(
  viewers: Viewers,
  options: ServePreviewOptions = {},
): Promise<ServedPreview> {
  const { hostname = "127.0.0.1", port = 0, token = newToken(), hosts: extra = [], pageFolder } = options;
  let handler: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  let server: Deno.HttpServer<Deno.NetAddr> | undefined;
  const close = async () => {
    await viewers[Symbol.asyncDispose]();
    await server?.shutdown();
  };
  try {
    server = Deno.serve({ hostname, port, onListen: () => undefined }, (request) => handler(request));
    // The hosts contain the port, which is known only now; until the app is ready, requests get 503.
    const hosts = allowedHosts(hostname, server.addr.port, extra);
    const app = createApp({ viewers, token, hosts, files: await pageFiles(pageFolder) });
    handler = (request) => app.fetch(request);
    return {
      url: `http://${urlHost(hostname)}:${server.addr.port}/?token=${token}`,
      finished: server.finished,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The host by which this machine reaches a server bound to `hostname`. */
function urlHost(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
