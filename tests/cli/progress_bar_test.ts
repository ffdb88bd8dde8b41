import assert from "node:assert/strict";
import type { CommandIo } from "../../src/cli/command_io.ts";
import { openProgressBar } from "../../src/cli/progress_bar.ts";

function listen(isTerminal: boolean) {
  const heard = { stdout: "", stderr: "" };
  const io: CommandIo = {
    stdout: (text) => heard.stdout += text,
    stderr: (text) => heard.stderr += text,
    isTerminal,
    signal: new AbortController().signal,
  };
  return { heard, io };
}

/** The last state of the line, without what moves the cursor. */
function lastLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/\x1b[\[\d;?]*[A-Za-z78]/g, "\r").split(/[\r\n]+/).filter(Boolean).at(-1) ?? "";
}

Deno.test("openProgressBar: shows nothing where there is no terminal", () => {
  const { heard, io } = listen(false);
  {
    using bar = openProgressBar(io, "clip.mp4", "frames");
    bar.update(1, 2, "");
  }
  assert.deepEqual(heard, { stdout: "", stderr: "" });
});

Deno.test("openProgressBar: done, total, note and time left on one line of stderr; a bar that never began says nothing", () => {
  const { heard, io } = listen(true);
  {
    using bar = openProgressBar(io, "clip.mp4", "frames");
    assert.equal(heard.stderr, "");
    bar.update(0, 4, "");
    assert.match(lastLine(heard.stderr), /^clip\.mp4 ░+ 0% \| 0\/4 frames \| time left \?$/);
    bar.update(4, 4, "2.00 frames/s");
  }
  assert.match(
    lastLine(heard.stderr),
    /^clip\.mp4 █+ 100% \| 4\/4 frames \| 2\.00 frames\/s \| time left 0:00$/,
  );
  assert.equal(heard.stdout, "");
  const { heard: silent, io: unused } = listen(true);
  openProgressBar(unused, "clip.mp4", "frames")[Symbol.dispose]();
  assert.equal(silent.stderr, "");
});

Deno.test("openProgressBar: more units than were expected are no more than all; without a total there is no bar", () => {
  const { heard, io } = listen(true);
  {
    using bar = openProgressBar(io, "clip.mp4", "frames");
    bar.update(9, 8, "");
  }
  assert.match(lastLine(heard.stderr), /100% \| 9\/9 frames/);
  const { heard: live, io: liveIo } = listen(true);
  {
    using bar = openProgressBar(liveIo, "camera", "frames");
    bar.update(7, undefined, "3 viewers");
  }
  assert.equal(lastLine(live.stderr), "camera 7 frames | 3 viewers | time 0:00");
});

Deno.test("openProgressBar: long titles are shortened in the middle, and cannot move the cursor", () => {
  const { heard, io } = listen(true);
  {
    using bar = openProgressBar(io, `a very long name \x1b[2J of a video file\n.mp4`, "frames");
    bar.update(1, 1, "");
  }
  assert.match(lastLine(heard.stderr), /^a very long …o file\?\.mp4 █/);
  assert.ok(!heard.stderr.includes("\x1b[2J"));
});

Deno.test("openProgressBar: hides the cursor and turns wrapping off, and gives both back", () => {
  const { heard, io } = listen(true);
  {
    using bar = openProgressBar(io, "clip.mp4", "frames");
    bar.update(1, 2, "");
    assert.ok(heard.stderr.includes("\x1b[?25l") && !heard.stderr.includes("\x1b[?25h"));
  }
  assert.ok(heard.stderr.lastIndexOf("\x1b[?25h") > heard.stderr.lastIndexOf("\x1b[?25l"));
  assert.ok(heard.stderr.lastIndexOf("\x1b[?7h") > heard.stderr.lastIndexOf("\x1b[?7l"));
});
