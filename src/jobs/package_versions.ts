import { readFile } from "node:fs/promises";

/** Packages that decide the bytes of a segment: FFmpeg decodes and encodes it, ONNX Runtime computes the network. */
const PACKAGES = {
  "node-av": import.meta.resolve("node-av/lib"),
  "onnxruntime-node": import.meta.resolve("onnxruntime-node"),
};

/** Versions, by name, of the packages that decide the bytes of a segment. */
export async function packageVersions(): Promise<Record<string, string>> {
  const entries = Object.entries(PACKAGES).map(async ([name, url]) =>
    [name, await versionOf(name, url)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** @param url Of a file of the package. */
async function versionOf(name: string, url: string): Promise<string> {
  let folder = new URL(".", url);
  for (;;) {
    const text = await readFile(new URL("package.json", folder), "utf8").catch(() => "{}");
    const { name: found, version }: Record<string, unknown> = JSON.parse(text);
    if (found === name && typeof version === "string") return version;
    const above = new URL("..", folder);
    if (above.href === folder.href) throw new Error(`There is no package.json of ${name}`);
    folder = above;
  }
}
