/** What the HTTP server says of a request. */
export interface RequestEnv {
  /** Whether it asks to become a socket, and can. */
  readonly isUpgrade?: boolean;
}
