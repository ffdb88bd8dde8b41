import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** Who may talk to the server. */
export interface GuardOptions {
  /** Needed for data and the socket, as `?token=` or `Authorization: Bearer`. */
  readonly token: string;
  /** Every `Host` that is answered, with its port ("127.0.0.1:8080"). */
  readonly hosts: readonly string[];
}

/** A secret for one start of the server: 256 bits, safe in a URL. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares in a time that tells nothing about either. */
export function isSameToken(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/**
 * Every name under which a server bound to `hostname` may be called. Bound to all interfaces, that is each of the
 * machine's addresses: a name is answered only if it is listed in `extra`, which is what stops DNS rebinding.
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

/** Refuses every request whose `Host`, or `Origin` where it has one, is not this server's own. */
export function checkHostAndOrigin({ hosts }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host") ?? new URL(context.req.url).host;
    if (!hosts.includes(host)) return context.text("Refused: this Host is not served here", 403);
    const origin = context.req.header("origin");
    if (origin !== undefined && !isOwnOrigin(origin, host)) {
      return context.text("Refused: this Origin is not served here", 403);
    }
    const site = context.req.header("sec-fetch-site");
    const isLinkFollowed = context.req.header("sec-fetch-mode") === "navigate";
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isLinkFollowed) {
      return context.text("Refused: asked for by another site", 403);
    }
    await next();
  };
}

/** Refuses every request without the token. */
export function checkToken({ token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const bearer = context.req.header("authorization")?.match(/^Bearer (.+)$/)?.[1];
    const given = bearer ?? context.req.query("token") ?? "";
    if (!isSameToken(given, token)) {
      return context.text("Refused: open the address that the server printed when it started", 403);
    }
    await next();
  };
}

/** Refuses a socket that no page of this server opened. Browsers always name the origin of a socket. */
export function checkSocketOrigin(): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header("origin") === undefined) {
      return context.text("Refused: a socket must name its Origin", 403);
    }
    await next();
  };
}

/** A page served under `host`, directly or through a proxy that adds TLS. */
function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}
