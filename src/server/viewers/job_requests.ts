import { type ClientMessage, RequestError, type ServerMessage } from "../protocol.ts";
import type { ServerContext } from "./server_context.ts";

/** What the page asks about jobs and sent files. */
export type JobRequest = Extract<
  ClientMessage,
  { type: "start" | "cancel" | "restart" | "remove" | "download" | "move" | "forget" }
>;

/** Whether a message is about jobs or sent files. */
export function isJobRequest(message: ClientMessage): message is JobRequest {
  return ["start", "cancel", "restart", "remove", "download", "move", "forget"].includes(message.type);
}

/**
 * Carries out a request about jobs or sent files. What changes of the list of jobs is sent to every viewer by others.
 *
 * @returns What to answer this viewer, if anything.
 * @throws {RequestError} if it is refused.
 */
export async function carryOutJobRequest(
  message: JobRequest,
  { workbench, sources, presets, devices }: ServerContext,
): Promise<ServerMessage | undefined> {
  if (workbench === undefined) {
    throw new RequestError("Jobs can only be watched here, not started or changed");
  }
  const { queue, tickets, uploads } = workbench;
  switch (message.type) {
    case "start": {
      const { source, settings } = message;
      if (!presets.includes(settings.preset)) {
        throw new RequestError(`This server has no preset "${settings.preset}"`);
      }
      if (!devices.has(settings.device)) {
        throw new RequestError(`This server has no device "${settings.device}"`);
      }
      const entry = (await sources.list()).find(({ id }) => id === source);
      if (entry === undefined) throw new RequestError("There is no such source. Choose one from the list");
      return { type: "started", job: await queue.add(source, entry.name, settings) };
    }
    case "download": {
      const result = queue.result(message.job);
      if (result === undefined) throw new RequestError("This job has no result to download");
      return { type: "ticket", job: message.job, url: `/download/${tickets.issue(result)}` };
    }
    case "forget":
      if (queue.uses(message.source)) {
        throw new RequestError("A job still needs this file. Cancel the job first");
      }
      await uploads.remove(message.source);
      await workbench.uploadsChanged();
      return undefined;
    case "move":
      await queue.move(message.job, message.before);
      return undefined;
    case "cancel":
    case "restart":
    case "remove":
      await queue[message.type](message.job);
      return undefined;
  }
}
