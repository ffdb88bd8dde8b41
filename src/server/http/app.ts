import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { PageFile } from "./page_files.ts";
import { checkHostAndOrigin, checkSocketOrigin, checkToken, type GuardOptions } from "./security.ts";
import type { Viewers } from "../viewers/viewers.ts";
import { GRANTED } from "./http_server.ts";
import type { RequestEnv } from "./request_env.ts";
import { workbenchRoutes } from "./workbench_routes.ts";

/** What the app serves, and which requests it answers. */
export interface AppOptions extends GuardOptions {
  /** Owned by the caller, who disposes it after the last request. */
  readonly viewers: Viewers;
  /** The page's files by name. */
  readonly files: ReadonlyMap<string, PageFile>;
}

/** The app; `env` of a request is a {@linkcode RequestEnv}. */
export type App = Hono<{ Bindings: RequestEnv }>;

/**
 * The preview as a Hono app: page, lists, health, metrics and who may open a socket, for an HTTP server or a test.
 *
 * | Route | Token | Answer |
 * |---|---|---|
 * | `GET /` | no | the page, which shows nothing without the token |
 * | `GET /static/*` | no | its parts, which reveal nothing of the user's files |
 * | `GET /health` | no | 200 and whether there is room for a viewer, or 503 while shutting down |
 * | `GET /api/sources` | yes | what can be opened |
 * | `GET /api/thumbnails?source=ID` | yes | small pictures of a video, side by side; 404 if there are none |
 * | `GET /api/uploads/room`, `POST /api/uploads` | yes | takes a file, see {@linkcode workbenchRoutes} |
 * | `GET /download/TICKET` | no | a result, to whoever was given the ticket |
 * | `GET /metrics` | yes | counters for Prometheus |
 * | `GET /ws` | yes | {@linkcode GRANTED} for the socket of `docs/preview-protocol.md` |
 */
export function createApp({ viewers, files, ...guard }: AppOptions): App {
  const { metrics, sources } = viewers.context;
  const app: App = new Hono();
  const hasToken = checkToken(guard);
  app.use(addHeaders, checkHostAndOrigin(guard));
  app.get("/", (context) => sendFile(context, files.get("index.html")));
  app.get("/static/:name", (context) => sendFile(context, files.get(context.req.param("name"))));
  app.get("/health", (context) => {
    const status = viewers.isClosing ? "closing" : "ok";
    const { hasRoom } = viewers;
    return context.json({ status, viewers: metrics.viewers, hasRoom }, viewers.isClosing ? 503 : 200);
  });
  app.get(
    "/api/sources",
    hasToken,
    async (context) => context.json({ mode: sources.mode, sources: await sources.list() }),
  );
  app.get("/api/thumbnails", hasToken, async (context) => {
    const strip = await viewers.context.thumbnails?.strip(context.req.query("source") ?? "").catch(() =>
      undefined
    );
    if (strip === undefined) return context.text("There are no small pictures of this source", 404);
    return context.body(strip, 200, { "Content-Type": "image/jpeg", "Cache-Control": "no-store" });
  });
  app.use("/api/uploads/*", hasToken);
  app.route("/", workbenchRoutes(viewers.context.workbench));
  app.get("/metrics", hasToken, (context) => context.text(metrics.toString()));
  app.get("/ws", checkSocketOrigin(), hasToken, (context) => {
    if (context.env?.isUpgrade !== true) return refuseSocket(context);
    if (viewers.hasRoom) return context.body(null, GRANTED);
    const why = "The server is full: there is no room for another viewer. Try again later";
    return context.text(why, 503, { "Retry-After": "10" });
  });
  return app;
}

/** Nothing from other sites, no frames, no referrer. */
const addHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "blob:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  crossOriginEmbedderPolicy: "require-corp",
  referrerPolicy: "no-referrer",
  strictTransportSecurity: false,
  xFrameOptions: "DENY",
});

function sendFile(context: Context, file: PageFile | undefined): Response {
  if (file === undefined) return context.notFound() as Response;
  return context.body(file.bytes, 200, { "Content-Type": file.type, "Cache-Control": "no-store" });
}

function refuseSocket(context: Context): Response {
  const text = "This address takes websocket connections only: there is no such Upgrade header";
  return context.text(text, 426, { Upgrade: "websocket" });
}
