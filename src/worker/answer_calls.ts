import { messageOf } from "../errors.ts";
import type { CallAnswer, CallRequest, Calls } from "./calls.ts";

/** The result of a call, and the buffers of it that go along instead of being copied. */
export interface Answer<T> {
  readonly result: T;
  readonly transfer?: readonly ArrayBuffer[];
}

/** For each call of a Worker, the function that answers it; `report` says which share of it, from 0 to 1, is done. */
export type CallHandlers<C extends Calls> = {
  readonly [K in keyof C]: (
    argument: C[K]["argument"],
    report: (share: number) => void,
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
  const known = new Map<
    string,
    (argument: never, report: (share: number) => void) => Promise<Answer<unknown>>
  >(
    Object.entries(handlers),
  );
  const report = (share: number) => scope.postMessage({ kind: "progress", share }, []);
  let isClosing = false;
  const answer = async (request: CallRequest): Promise<Answer<unknown>> => {
    if (request.kind === "close") return { result: undefined };
    if (isClosing) throw new Error("it was closed before it got to this");
    const handler = known.get(request.name);
    if (handler === undefined) throw new Error(`it has no call "${request.name}"`);
    return await handler(request.argument as never, report); // `SerialWorker.call` has checked its type
  };
  let last: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data: request }) => {
    isClosing ||= request.kind === "close"; // now, so that the calls queued before it are skipped
    last = last.then(() => answer(request)).then(
      ({ result, transfer = [] }) => scope.postMessage({ kind: "result", result }, [...transfer]),
    ).catch((error) => scope.postMessage({ kind: "failure", message: messageOf(error) }, []));
  };
}
