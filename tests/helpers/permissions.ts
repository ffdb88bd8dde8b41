/** What restoring needs, and no more: the flags of `deno task deblur`, but for the network. */
export const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi"];
