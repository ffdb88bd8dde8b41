import assert from "node:assert/strict";
import { Tickets } from "../../../src/server/jobs/tickets.ts";

Deno.test("Tickets are good for one thing, once", () => {
  const tickets = new Tickets<string>();
  const [one, other] = [tickets.issue("a"), tickets.issue("b")];
  assert.notEqual(one, other);
  assert.match(one, /^[\w-]{32}$/);
  assert.deepEqual([tickets.take(other), tickets.take(one), tickets.take(one)], ["b", "a", undefined]);
  assert.equal(tickets.take("guessed"), undefined);
});

Deno.test("Tickets expire, and of very many only the newest are kept", () => {
  let now = 0;
  const tickets = new Tickets<number>({ validMs: 1000, now: () => now });
  const [soon, late] = [tickets.issue(1), tickets.issue(2)];
  now = 1000;
  assert.equal(tickets.take(soon), 1);
  now = 1001;
  assert.equal(tickets.take(late), undefined);
  const many = Array.from({ length: 1500 }, (_, i) => tickets.issue(i));
  assert.equal(tickets.take(many[0] ?? ""), undefined);
  assert.equal(tickets.take(many[1499] ?? ""), 1499);
});
