/** Streams on the server, and what is in them. */
export const STREAMS = {
  /** Segments to restore; each message goes to one worker at a time, and is gone when it is done. */
  tasks: "MTDN_TASKS",
  /** The newest state of every job and worker, and results not fetched yet: one message for each subject. */
  state: "MTDN_STATE",
} as const;

/** The consumer that all workers share. */
export const WORKERS = "workers";

/** What identifies a job on a server: the beginning of its manifest's digest. */
export const JOB_ID = /^[0-9a-f]{24}$/;

/** The id of a job. @param digest SHA-256 of its manifest. */
export function jobId(digest: string): string {
  return digest.slice(0, 24);
}

/** Subjects of messages. `job` is an id, "*" stands for all of them. */
export const SUBJECTS = {
  task: (job: string, index: number | "*") => `mtdn.task.${job}.${index}`,
  tasks: "mtdn.task.>",
  state: "mtdn.state.>",
  /** Is there from the beginning of a job until it ends or is cancelled. */
  job: (job: string) => `mtdn.state.job.${job}`,
  /** How far a job is. */
  progress: (job: string) => `mtdn.state.progress.${job}`,
  worker: (worker: string) => `mtdn.state.worker.${worker}`,
  result: (job: string, index: number | "*") => `mtdn.state.result.${job}.${index}`,
} as const;

/** The object store of a job. */
export function bucketOf(job: string): string {
  return `mtdn-${job}`;
}

/** Objects in the store of a job. */
export const OBJECTS = {
  input: "input",
  manifest: "manifest",
  weights: (sha256: string) => `weights-${sha256}`,
  segment: (index: number) => `segment-${index}`,
} as const;
