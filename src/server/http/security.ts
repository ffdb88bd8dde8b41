import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** Which requests are answered. */
export interface GuardOptions {
  /** Required for data and the socket, as `?token=` or `Authorization: Bearer`. */
  readonly token: string;
  /** Every `Host` header that is answered, with its port ("127.0.0.1:8080"). */
  readonly hosts: readonly string[];
}

/** A secret for one run of the server: 256 random bits, safe in a URL. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Whether a text could come from {@linkcode newToken}. */
export function isToken(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Compares in constant time. */
export function isSameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * The `Host` headers that a server bound to `hostname` answers. Bound to all interfaces, these are the addresses of the
 * machine; names are answered only if they are in `extra`, which stops DNS rebinding.
 */
export function allowedHosts(hostname: string, port: number, extra: readonly string[] = []): string[] {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  const named = hostname.includes(":") ? `[${hostname}]` : hostname;
  const everywhere = hostname === "0.0.0.0" || hostname === "::";
  const addresses = everywhere
    ? Deno.networkInterfaces().map(({ family, address }) => family === "IPv6" ? `[${address}]` : address)
    : [named];
  const local = everywhere || loopback.includes(named) ? loopback : [];
  return [...new Set([...local, ...addresses].map((name) => `${name}:${port}`)), ...extra];
}

/** Refuses requests whose `Host`, or `Origin` where they have one, is not this server's own. */
export function checkHostAndOrigin({ hosts }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? new URL(context.req.url).host;
    if (!hosts.includes(host)) {
      return context.text(
        "Refused: unknown Host header. Start the server with --name HOST to allow it",
        403,
      );
    }
    const origin = context.req.header("origin");
    if (origin !== undefined && !isOwnOrigin(origin, host)) {
      return context.text("Refused: the request comes from the page of another site", 403);
    }
    const site = context.req.header("sec-fetch-site");
    const isNavigation = context.req.header("sec-fetch-mode") === "navigate";
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isNavigation) {
      return context.text("Refused: the request comes from the page of another site", 403);
    }
    await next();
  };
}

/** Refuses requests without the token. */
export function checkToken({ token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const bearer = context.req.header("authorization")?.match(/^Bearer (.+)$/)?.[1];
    const given = bearer ?? context.req.query("token") ?? "";
    if (!isSameToken(given, token)) {
      return context.text(
        "Refused: the token is missing or wrong. Open the address that the server printed when it started",
        403,
      );
    }
    await next();
  };
}

/** Refuses sockets without an `Origin`, which browsers always send. */
export function checkSocketOrigin(): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header("origin") === undefined) {
      return context.text("Refused: a websocket request needs an Origin header", 403);
    }
    await next();
  };
}

/** Whether `origin` is a page served under `host`, directly or through a proxy that adds TLS. */
function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
