import assert from "node:assert/strict";
import { JobBoard } from "../../../src/server/jobs/job_board.ts";

Deno.test("JobBoard keeps jobs in their order, and moves them", () => {
  const board = new JobBoard();
  const [a, b, c] = ["a", "b", "c"].map((id) => board.add(id, `${id}.mp4`));
  assert.ok(a && b && c);
  const order = () => board.jobs.map(({ id }) => id).join("");
  board.move(c, a);
  assert.equal(order(), "cab");
  board.move(c, undefined);
  assert.equal(order(), "abc");
  board.move(a, a);
  assert.equal(order(), "bca");
  board.remove(b);
  assert.deepEqual([order(), board.find("b"), board.find("c")], ["ca", undefined, c]);
});

Deno.test("JobBoard tells its listeners what changed, until they leave", () => {
  const board = new JobBoard();
  const changes: string[] = [];
  const leave = board.listen((change) => changes.push(change));
  const job = board.add("a", "a.mp4");
  job.become("running");
  job.report({ kind: "frame", done: 1, framesPerSecond: 2 });
  board.move(job, undefined);
  leave();
  board.remove(job);
  assert.deepEqual(changes, ["state", "state", "progress", "state"]);
});

Deno.test("JobBoard describes each job for the page", () => {
  const board = new JobBoard();
  board.add("a", "a.mp4").become("done", { savedAs: "jobs/results/a.mp4", canDownload: true });
  board.add("b", "b.mp4");
  assert.deepEqual(
    board.describe().map(({ id, state, savedAs, canDownload }) => [id, state, savedAs, canDownload]),
    [["a", "done", "jobs/results/a.mp4", true], ["b", "waiting", null, false]],
  );
});
