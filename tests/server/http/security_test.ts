import assert from "node:assert/strict";
import { allowedHosts, isSameToken, newToken } from "../../../src/server/http/security.ts";

Deno.test("newToken gives 256 bits that no two starts share", () => {
  const tokens = new Set(Array.from({ length: 100 }, newToken));
  assert.equal(tokens.size, 100);
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/);
});

Deno.test("isSameToken holds for the same token only, whatever the length", () => {
  assert.ok(isSameToken("abc", "abc"));
  for (const other of ["", "ab", "abcd", "abd", "ABC"]) assert.ok(!isSameToken(other, "abc"));
});

Deno.test("allowedHosts names the loopback for a loopback server and nothing else", () => {
  assert.deepEqual(allowedHosts("127.0.0.1", 80), ["127.0.0.1:80", "localhost:80", "[::1]:80"]);
  assert.deepEqual(allowedHosts("192.0.2.7", 80), ["192.0.2.7:80"]);
  assert.deepEqual(allowedHosts("2001:db8::1", 80), ["[2001:db8::1]:80"]);
});

Deno.test("allowedHosts names addresses, no names, for a server open to all", () => {
  const hosts = allowedHosts("0.0.0.0", 80, ["preview.example:443"]);
  assert.ok(hosts.includes("127.0.0.1:80"));
  assert.equal(hosts.at(-1), "preview.example:443");
  for (const host of hosts.slice(0, -1)) assert.match(host, /^(localhost|[\d.]+|\[[\da-f:]+\]):80$/);
});
