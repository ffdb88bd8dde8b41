import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, WeightsError } from "./errors.ts";

/** Where a network lies, and what messages call it. */
export interface NetworkLocation {
  readonly path: string;
  readonly name: string;
}

/**
 * Finds the network that a user names: a path, which is left as it is, or an npm package ("npm:NAME", "npm:NAME@VERSION") with a
 * `model.json` in it, which Deno downloads if it is not in its cache.
 *
 * @throws {WeightsError} if there is no such package, or no model in it.
 */
export async function locateNetwork(name: string): Promise<NetworkLocation> {
  return { path: name.startsWith("npm:") ? await findPackageModel(name) : name, name };
}

async function findPackageModel(specifier: string): Promise<string> {
  // Importing it is what makes Deno fetch it. Its program is for other tools, and may not start here.
  const failure: unknown = await import(specifier).then(() => undefined, (error) => error);
  const entry = import.meta.resolve(specifier);
  if (!entry.startsWith("file:")) {
    const why = failure === undefined ? "" : ` (${messageOf(failure)})`;
    throw new WeightsError(
      specifier,
      `the package cannot be had${why}. Install it with npm, and give the folder of its model.json with --weights`,
    );
  }
  const folder = packageFolder(fileURLToPath(entry), nameOf(specifier));
  const names = await readdir(folder, { recursive: true });
  const [model] = names.filter((name) => /(^|[\\/])model\.json$/.test(name)).toSorted((a, b) =>
    a.length - b.length
  );
  if (model === undefined) {
    throw new WeightsError(specifier, "the package has no model.json, so it is no TensorFlow.js graph model");
  }
  return join(folder, model);
}

/** "@scope/name" or "name", without a version. */
function nameOf(specifier: string): string {
  return /^npm:\/?(@[^/@]+\/[^/@]+|[^/@]+)/.exec(specifier)?.[1] ?? "";
}

/** The folder of the package around a file of it: NAME/VERSION in Deno's cache, NAME in a `node_modules` folder. */
function packageFolder(file: string, name: string): string {
  const path = file.replaceAll("\\", "/");
  const end = path.lastIndexOf(`/${name}/`) + name.length + 2;
  const [version = ""] = path.slice(end).split("/");
  const root = path.slice(0, end);
  return /^\d+\.\d+\.\d+/.test(version) ? join(root, version) : dirname(join(root, "package.json"));
}
