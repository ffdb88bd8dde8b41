/** Why something in a folder is not used: what one, and what several of that kind are called. */
const REASONS = {
  hidden: ["hidden file or folder", "hidden files and folders"],
  result: ["result of an earlier run", "results of earlier runs"],
  other: [
    "file that is neither video nor picture by its name",
    "files that are neither video nor picture by their names",
  ],
  folder: ["folder (add --recursive for what is in it)", "folders (add --recursive for what is in them)"],
  link: [
    "link that leads out of the folder, to a folder or nowhere",
    "links that lead out of the folder, to a folder or nowhere",
  ],
  deep: ["folder that is nested too deep", "folders that are nested too deep"],
  tooMany: ["file beyond the most that are listed", "files beyond the most that are listed"],
} as const;

/** Why something in a folder is not used. */
export type PassedOverReason = keyof typeof REASONS;

/** Counts what of a folder is not used, by reason. */
export class PassedOver {
  readonly #counts = new Map<PassedOverReason, number>();

  /** Counts some more of a kind. */
  add(reason: PassedOverReason, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** Counts everything that another one did. */
  include(other: PassedOver): void {
    for (const [reason, count] of other.#counts) this.add(reason, count);
  }

  /** "Not listed: 2 hidden files and folders, 1 result of an earlier run"; empty if nothing was passed over. */
  describe(): string {
    const parts = (Object.keys(REASONS) as PassedOverReason[]).flatMap((reason) => {
      const count = this.#counts.get(reason) ?? 0;
      return count === 0 ? [] : [`${count} ${REASONS[reason][count === 1 ? 0 : 1]}`];
    });
    return parts.length === 0 ? "" : `Not listed: ${parts.join(", ")}`;
  }
}
