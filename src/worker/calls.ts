/** What a Worker can be asked: for each name, what goes in and what comes out. Both must be cloneable. */
export type Calls = Readonly<Record<string, { readonly argument: unknown; readonly result: unknown }>>;

/** A request to a Worker; `close` ends it. */
export type CallRequest =
  | { readonly kind: "call"; readonly name: string; readonly argument: unknown }
  | { readonly kind: "close" };

/** The answer to one request, after any number of messages on its progress. Answers come in the order of the requests. */
export type CallAnswer =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "failure"; readonly message: string };
