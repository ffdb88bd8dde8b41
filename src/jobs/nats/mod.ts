/**
 * Jobs of many machines, shared through a NATS server with JetStream. Loaded only by what shares jobs.
 *
 * @module
 */
export { JobServer } from "./job_server.ts";
export { cancelJob, type JobList, listJobs } from "./list_jobs.ts";
export { runOnWorkers } from "./run_on_workers.ts";
export { work, type WorkOptions } from "./work.ts";
