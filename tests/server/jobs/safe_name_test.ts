import fc from "fast-check";
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { freeName, safeName } from "../../../src/server/jobs/safe_name.ts";

Deno.test("safeName keeps what people call their files", () => {
  for (const name of ["clip.mp4", "Hund im Schnee.MOV", "犬.mkv", "a.b.c.webm", "naïve (2).avi"]) {
    assert.equal(safeName(name), name.normalize("NFC"));
  }
});

Deno.test("safeName makes a plain name of paths, devices, hidden files and nothing", () => {
  const made: readonly (readonly [sent: string, kept: string])[] = [
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\win.ini", "win.ini"],
    ["/etc/cron.d/x.mp4", "x.mp4"],
    [".ssh", "ssh"],
    ["..", "clip"],
    ["", "clip"],
    ["con.mp4", "clip_con.mp4"],
    ["a\u0000b\u202e.mp4", "a_b_.mp4"],
    ['a:b*c?"<>|.mp4', "a_b_c_____.mp4"],
    [`${"x".repeat(500)}.mp4`, `${"x".repeat(100)}.mp4`],
    [`clip.${"y".repeat(50)}`, "clip.yyyyyyyyy"],
  ];
  for (const [sent, kept] of made) assert.equal(safeName(sent), kept);
});

Deno.test("safeName: whatever is sent, the name stays in its folder", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (sent) => {
    const name = safeName(sent);
    assert.equal(basename(join("/folder", name)), name);
    assert.equal(join("/folder", name), `/folder/${name}`);
    assert.doesNotMatch(name, /^\.|[/\\]|\p{Cc}|[.\s]$/u);
    assert.ok(new TextEncoder().encode(name).length < 500);
  }));
});

Deno.test("freeName counts on until a name is free", () => {
  const taken = new Set(["clip.mp4", "clip-2.mp4"]);
  assert.equal(freeName("clip.mp4", (name) => taken.has(name)), "clip-3.mp4");
  assert.equal(freeName("other.mp4", (name) => taken.has(name)), "other.mp4");
  assert.equal(freeName("film", (name) => name === "film"), "film-2");
});
