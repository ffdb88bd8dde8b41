import { stat } from "node:fs/promises";
import { MediaError, messageOf } from "../../errors.ts";

/**
 * Whether an entry of a folder of data is, or is a link to, a folder.
 *
 * @throws {MediaError} naming a link to nothing, or what cannot be looked at: passed over, it would be missing from what is learnt.
 */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const why = isMissing ? "is a link to nothing" : `cannot be looked at (${messageOf(cause)})`;
    throw new MediaError(path, `${why}; wanted it to lead to a file or a folder, or gone`, { cause });
  }
}
