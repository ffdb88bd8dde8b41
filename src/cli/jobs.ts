import type { JobList } from "../jobs/nats/list_jobs.ts";
import type { CommandIo } from "./command_io.ts";
import { parseFlags } from "./flags.ts";
import { clock } from "./format_text.ts";
import { onlyServerAddress } from "./server_address.ts";

const HELP =
  `Show what the machines that share a NATS server restore, how far each job is, and how long it will take

  deno task jobs nats://HOST:4222 [options]

  --credentials FILE      Credentials file of NATS
  --cancel JOB            End a job, and remove all of it from the server
  --json                  Print one JSON object
`;

/**
 * `deno task jobs`.
 *
 * @returns The exit code.
 * @throws {UsageError} naming what is wrong with the command line; {MediaError} if the server cannot be used, or has no such job.
 */
export async function jobsCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseFlags(args, {
    credentials: { type: "string" },
    cancel: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) {
    io.stdout(HELP);
    return 0;
  }
  const address = onlyServerAddress(positionals);
  const { cancel, credentials } = values;
  const { cancelJob, JobServer, listJobs } = await import("../jobs/nats/mod.ts");
  await using server = await JobServer.connect(address, { credentials });
  if (cancel !== undefined) {
    await cancelJob(server, cancel);
    io.stderr(`Job ${cancel} is cancelled\n`);
    return 0;
  }
  const list = await listJobs(server);
  io.stdout(values.json ? `${JSON.stringify(list)}\n` : describeJobs(list, Date.now()));
  return 0;
}

/** A job whose `deblur` has sent nothing for this long is said to be without it, milliseconds. */
const SILENT_MS = 60_000;

/** A list of jobs and workers as text. @param now Milliseconds since 1970. */
export function describeJobs({ jobs, workers }: JobList, now: number): string {
  const lines = jobs.map(({ id, name, segments, done, secondsLeft, at }) => {
    const silence = now - at;
    const left = silence > SILENT_MS
      ? `, its deblur has been silent for ${clock(silence / 1000)}: run it again, or use --cancel`
      : secondsLeft === undefined
      ? ""
      : `, ${clock(secondsLeft)} left`;
    return `${id}  ${name}: ${done} of ${segments} segments${left}`;
  });
  const busy = workers.map(({ host, device, task, share = 0 }) => {
    const what = task
      ? `segment ${task.index + 1} of ${task.job}, ${Math.round(100 * share)} %`
      : "waits for a segment";
    return `  ${host} (${device}): ${what}`;
  });
  const none = jobs.length === 0 ? ["No jobs"] : [];
  const idle = workers.length === 0 ? ["No workers. Start some with deno task work"] : ["Workers:"];
  return `${[...none, ...lines, ...idle, ...busy].join("\n")}\n`;
}
