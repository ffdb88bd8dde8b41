import { chmod, readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** What a fake program does once it was asked about the video. */
export type Behaviour =
  /** Writes frames as long as somebody takes them. */
  | "endless frames"
  /** Writes one frame, and then nothing more. */
  | "falls silent"
  /** Reads what it is fed, and never ends by itself. */
  | "never ends"
  /** Reads nothing of what it is fed. */
  | "reads nothing"
  /** Ends with an error at once. */
  | "fails";

/** Size of the frames of {@linkcode fakeFfmpeg}. */
export const [FAKE_WIDTH, FAKE_HEIGHT] = [64, 64];

/**
 * Writes a program for Unix that answers like ffmpeg, and leaves its process number in `PATH.pid` when it decodes or encodes.
 * It ignores polite signals.
 */
export async function fakeFfmpeg(path: string, behaviour: Behaviour): Promise<void> {
  const bytes = FAKE_WIDTH * FAKE_HEIGHT * 3;
  const info = [
    "  Duration: 00:01:00.00, start: 0.000000, bitrate: 1 kb/s",
    `  Stream #0:0: Video: h264, yuv420p, ${FAKE_WIDTH}x${FAKE_HEIGHT}, 25 fps, 25 tbr`,
    "[Parsed_showinfo_0 @ 0x1] config in time_base: 1/25, frame_rate: 25/1",
  ];
  const frame = (n: string) =>
    `echo "[Parsed_showinfo_0 @ 0x1] n: ${n} pts: ${n} duration: 1 fmt:yuv420p sar:1/1 s:${FAKE_WIDTH}x${FAKE_HEIGHT} i:P" >&2`;
  // Like ffmpeg it must be one process: a child of a shell that is killed would hold its pipes open.
  const wait = "exec sleep 1000";
  const steps: Record<Behaviour, string> = {
    "endless frames": `for i in $(seq 0 200); do ${frame("$i")}; done; exec cat /dev/zero`,
    "falls silent": `${frame("0")}; head -c ${bytes} /dev/zero; ${wait}`,
    "never ends": `cat > /dev/null; ${wait}`,
    "reads nothing": wait,
    "fails": `echo "Invalid data" >&2; exit 3`,
  };
  await writeFile(
    path,
    `#!/bin/sh
case "$*" in
  *-formats*) echo " DE rawvideo raw video"; echo "  E null null"; echo "  E mp4 MP4"; exit 0;;
  *-encoders*) echo " V..... libx264 x"; exit 0;;
esac
trap '' TERM PIPE
${info.map((line) => `echo '${line}' >&2`).join("\n")}
case "$*" in *-frames:v*) ${frame("0")}; exit 0;; esac
echo $$ > '${path}.pid'
${steps[behaviour]}
`,
  );
  await chmod(path, 0o755);
}

/** The process number of the program, once it decodes or encodes. */
export async function fakePid(path: string): Promise<number> {
  for (;;) {
    const text = await readFile(`${path}.pid`, "utf8").catch(() => "");
    if (text.endsWith("\n")) return Number(text);
    await delay(5);
  }
}

/** Whether a process is there still. */
export function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
