// @ts-check
/** @import { JobEntry } from "../src/server/protocol.ts" */
import { formatLeft } from "./format.js";

/** What a job does, in words. @param {JobEntry} job @returns {string} */
export function describeJob({ state, done, total, framesPerSecond, secondsLeft, message, savedAs }) {
  const said = message === null ? "" : `. ${message}`;
  switch (state) {
    case "waiting":
      return "Waiting";
    case "running": {
      const frames = total === null ? `${done} frames` : `${done} of ${total} frames`;
      const rate = framesPerSecond === null ? "" : `, ${framesPerSecond.toFixed(1)} a second`;
      return `${frames}${rate}${secondsLeft === null ? "" : `, ${formatLeft(secondsLeft)} left`}`;
    }
    case "done":
      return `${savedAs === null ? "Done" : `Done, saved as ${savedAs}`}${said}`;
    case "failed":
      return `Failed${said}`;
    case "cancelled":
      return "Cancelled";
  }
}
