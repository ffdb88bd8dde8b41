import { messageOf } from "../errors.ts";
import type { CallAnswer, CallRequest, Calls } from "./calls.ts";

/** The result of a call, and the buffers of it that go along instead of being copied. */
export interface Answer<T> {
  readonly result: T;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Tells whoever made the call how far it is: so many of so many parts are done. */
export type ReportProgress = (done: number, total: number) => void;

/** For each call of a Worker, the function that answers it. */
export type CallHandlers<C extends Calls> = {
  readonly [K in keyof C]: (
    argument: C[K]["argument"],
    onProgress: ReportProgress,
  ) => Promise<Answer<C[K]["result"]>>;
};

/** The part of a Worker's global scope that is used here. Its type library cannot be named in a published package. */
interface WorkerScope {
  onmessage: (event: MessageEvent<CallRequest>) => void;
  postMessage(answer: CallAnswer, transfer: ArrayBuffer[]): void;
}

/** Makes this Worker answer the calls of a `SerialWorker`, one after another. */
export function answerCalls<C extends Calls>(handlers: CallHandlers<C>): void {
  const scope = globalThis as unknown as WorkerScope;
  const known = new Map<string, (argument: never, onProgress: ReportProgress) => Promise<Answer<unknown>>>(
    Object.entries(handlers),
  );
  const onProgress: ReportProgress = (done, total) =>
    scope.postMessage({ kind: "progress", done, total }, []);
  let isClosing = false;
  const answer = async (request: CallRequest): Promise<Answer<unknown>> => {
    if (request.kind === "close") return { result: undefined };
    if (isClosing) throw new Error("it was closed before it got to this");
    const handler = known.get(request.name);
    if (handler === undefined) throw new Error(`it has no call "${request.name}"`);
    return await handler(request.argument as never, onProgress); // `SerialWorker.call` has checked its type
  };
  let last: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data: request }) => {
    isClosing ||= request.kind === "close"; // now, so that the calls queued before it are skipped
    last = last.then(() => answer(request)).then(
      ({ result, transfer = [] }) => scope.postMessage({ kind: "result", result }, [...transfer]),
    ).catch((error) => scope.postMessage({ kind: "failure", message: messageOf(error) }, []));
  };
}
