import assert from "node:assert/strict";
import { ListenError, openHttpServer } from "../../../src/server/http/http_server.ts";

const HOSTNAME = "127.0.0.1";

/** A server that answers "hello" and grants no socket. */
function openServer(headMs?: number) {
  const handlers = {
    fetch: (_: Request, { isUpgrade }: { isUpgrade: boolean }) =>
      isUpgrade
        ? new Response("not today", { status: 403, headers: { "x-why": "no" } })
        : new Response("hello"),
    connect: () => assert.fail("no socket was granted"),
  };
  return openHttpServer(() => Promise.resolve(handlers), {
    hostname: HOSTNAME,
    port: 0,
    ...(headMs !== undefined && { headMs }),
  });
}

/** Everything that comes until the other side closes. */
async function readAll(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const bytes = new Uint8Array(4096);
  for (let length; (length = await connection.read(bytes).catch(() => null)) !== null;) {
    text += new TextDecoder().decode(bytes.subarray(0, length));
  }
  return text;
}

async function begin(port: number, text: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: HOSTNAME, port });
  await connection.write(new TextEncoder().encode(text));
  return connection;
}

Deno.test("openHttpServer closes 500 connections whose requests are never completed, and answers others", async () => {
  await using server = await openServer(3000);
  const halves = await Promise.all(
    Array.from({ length: 500 }, () => begin(server.port, "GET / HTTP/1.1\r\nHost: x\r\n")),
  );
  assert.equal(await (await fetch(`http://${HOSTNAME}:${server.port}/`)).text(), "hello");
  const answers = await Promise.all(halves.map(readAll));
  assert.ok(answers.every((answer) => /^HTTP\/1\.1 408 |^$/.test(answer)), answers.find(Boolean));
  for (const half of halves) half.close();
});

Deno.test("openHttpServer answers a request for a socket that is not granted", async () => {
  await using server = await openServer();
  const head = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  using connection = await begin(server.port, head);
  const answer = await readAll(connection);
  assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/);
  assert.match(answer, /x-why: no\r\n[\s\S]*\r\n\r\nnot today$/);
});

Deno.test("openHttpServer answers a request for a socket with a malformed host", async () => {
  await using server = await openServer();
  const head = "GET /ws HTTP/1.1\r\nHost: [::\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  using connection = await begin(server.port, head);
  assert.match(await readAll(connection), /^HTTP\/1\.1 400 /);
});

Deno.test("openHttpServer names the port that is in use", async () => {
  using listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const { port } = listener.addr;
  const opening = openHttpServer(() => assert.fail(), { hostname: HOSTNAME, port });
  await assert.rejects(opening, {
    name: ListenError.name,
    message: `Cannot listen on 127.0.0.1, port ${port}: the port is in use`,
  });
});

Deno.test("openHttpServer: disposing it ends connections that are kept open", async () => {
  const server = await openServer();
  using connection = await begin(server.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await connection.read(new Uint8Array(1024));
  await server[Symbol.asyncDispose]();
  assert.equal(await readAll(connection), "");
});
