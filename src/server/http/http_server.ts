import { getRequestListener } from "@hono/node-server";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import { messageOf } from "../../errors.ts";
import { MESSAGE_LIMIT } from "../protocol.ts";

/** What answers the requests of a server. */
export interface HttpHandlers {
  /** Answers a request; one to become a socket has `isUpgrade`, and is granted with {@linkcode GRANTED}. */
  fetch(request: Request, env: { readonly isUpgrade: boolean }): Response | Promise<Response>;
  /** Takes the socket of a request that was granted. */
  connect(socket: WebSocket): void;
}

/** Options of {@linkcode openHttpServer}. */
export interface HttpServerOptions {
  readonly hostname: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Milliseconds within which a request's head has to be there. @default {10_000} */
  readonly headMs?: number;
}

/** A server that listens. Disposing it closes the port and every connection. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/** The status of the answer that lets a request become a socket. */
export const GRANTED = 204;

/** The port cannot be listened on. */
export class ListenError extends Error {
  /** "ListenError". */
  override readonly name = "ListenError";
}

const REASONS: Record<string, string> = {
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this port is reserved for the system",
};

/** Milliseconds that answers may still take when the server is closed. */
const GRACE_MS = 500;
/** Milliseconds that a socket's closing may take, in which what still arrives is thrown away. */
const CLOSE_MS = 2000;
/** Milliseconds between signs of life that a socket has to give. */
const HEARTBEAT_MS = 30_000;

/**
 * Starts an HTTP server with sockets. Heads of requests have a time limit, and a socket's message that is announced as longer
 * than {@linkcode MESSAGE_LIMIT} closes it before the rest arrives: `Deno.serve` has neither.
 *
 * @param handlers Makes what answers, once the port is known; until then, requests get 503.
 * @throws {ListenError} if the port is taken or reserved, or the address is not one of this machine.
 */
export async function openHttpServer(
  handlers: (port: number) => Promise<HttpHandlers>,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const { hostname, port, headMs = 10_000 } = options;
  const ready: { handlers?: HttpHandlers } = {};
  const limits = {
    noServer: true,
    maxPayload: MESSAGE_LIMIT,
    perMessageDeflate: false,
    closeTimeout: CLOSE_MS, // which its types do not know yet
  };
  const sockets = new WebSocketServer(limits);
  const timing = {
    headersTimeout: headMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1000, headMs),
  };
  const listener = getRequestListener(
    (request) => ready.handlers?.fetch(request, { isUpgrade: false }) ?? new Response(null, { status: 503 }),
    { overrideGlobalObjects: false },
  );
  const server = createServer(timing, listener);
  server.on("upgrade", (message, stream, head) => {
    stream.on("error", () => stream.destroy()); // the peer is gone
    void upgrade(message, stream, ready.handlers).then((isGranted) => {
      if (isGranted) {
        sockets.handleUpgrade(message, stream, head, (socket) => ready.handlers?.connect(socket));
      }
    });
  });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => close(server, sockets));
  const address = await listen(server, { hostname, port });
  ready.handlers = await handlers(address.port);
  const heartbeat = setInterval(() => sockets.clients.forEach(checkHeartbeat), HEARTBEAT_MS);
  opened.defer(() => clearInterval(heartbeat));
  const owned = opened.move();
  return { port: address.port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type NodeServer = ReturnType<typeof createServer>;

function listen(
  server: NodeServer,
  { hostname, port }: { hostname: string; port: number },
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = REASONS[cause.code ?? ""] ?? messageOf(cause);
      reject(new ListenError(`Cannot listen on ${hostname}, port ${port}: ${why}`, { cause }));
    });
    server.listen({ host: hostname, port }, () => resolve(server.address() as AddressInfo));
  });
}

/** Whether a request may become a socket; one that may not is answered. */
async function upgrade(
  message: IncomingMessage,
  stream: Duplex,
  handlers: HttpHandlers | undefined,
): Promise<boolean> {
  const answer = await askFor(message, handlers).catch(() =>
    new Response("Malformed request", { status: 400 })
  );
  if (answer.status === GRANTED) return !stream.destroyed;
  const text = await answer.text();
  const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`;
  const headers = {
    ...Object.fromEntries(answer.headers),
    connection: "close",
    "content-length": Buffer.byteLength(text),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  stream.end(`${[status, ...lines].join("\r\n")}\r\n\r\n${text}`);
  return false;
}

async function askFor({ headers, url = "/", method = "GET" }: IncomingMessage, handlers?: HttpHandlers) {
  const request = new Request(new URL(url, `http://${headers.host ?? ""}`), {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
  });
  return await handlers?.fetch(request, { isUpgrade: true }) ?? new Response(null, { status: 503 });
}

/** Sockets that answered the last ping, or are new. */
const isSilent = new WeakSet<WebSocket>();

/** Ends a socket that did not answer the ping before, and pings it again. */
function checkHeartbeat(socket: WebSocket): void {
  if (isSilent.has(socket)) return socket.terminate();
  isSilent.add(socket);
  socket.once("pong", () => isSilent.delete(socket));
  socket.ping();
}

/** Closes the port at once, and connections as soon as their answers are sent, or after {@linkcode GRACE_MS}. */
async function close(server: NodeServer, sockets: WebSocketServer): Promise<void> {
  sockets.close();
  const grace = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = delay(GRACE_MS, undefined, { signal: grace.signal }).then(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, () => undefined);
  await closed;
  grace.abort();
  await late;
}
