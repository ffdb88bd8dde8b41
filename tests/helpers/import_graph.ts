import { readdir, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary_folder.ts";

/** The folder of the project, with a slash at its end. */
export const ROOT = new URL("../../", import.meta.url);

/** One module that names another. */
export interface Import {
  /** Path in the project: "src/deblur.ts". */
  readonly from: string;
  /** Path in the project, or what is written for a package: "node-av/lib". */
  readonly to: string;
  /** Gone once compiled. */
  readonly isTypeOnly: boolean;
  /** `import()`: loaded when it is expected. */
  readonly isDynamic: boolean;
}

/** What `deno info --json` says of one module, as far as it is read here. */
interface ModuleInfo {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier: string };
    readonly type?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Every `.ts` file of the program, tests and tools aside. */
export async function sourceFiles(): Promise<string[]> {
  const names = await readdir(new URL("src", ROOT), { recursive: true });
  const inner = names.filter((name) => name.endsWith(".ts")).map((name) => `src/${name}`);
  return ["mod.ts", "cli.ts", "server.ts", ...inner.sort()];
}

/** Who imports whom, as Deno's own parser sees it, and which imports lead nowhere. */
export async function importGraph(
  files: readonly string[],
): Promise<{ imports: Import[]; errors: string[] }> {
  await using folder = await temporaryFolder();
  const entry = folder.file("everything.ts");
  await writeFile(
    entry,
    files.map((file) => `import ${JSON.stringify(new URL(file, ROOT).href)};\n`).join(""),
  );
  const config = fileURLToPath(new URL("deno.json", ROOT));
  const { stdout } = await promisify(execFile)(
    Deno.execPath(),
    ["info", "--json", "--no-lock", "--config", config, entry],
    { maxBuffer: 2 ** 26 },
  );
  const { modules } = JSON.parse(stdout) as { modules: readonly ModuleInfo[] };
  const own = modules.filter(({ specifier }) => specifier.startsWith(ROOT.href));
  return {
    imports: own.flatMap(importsOf),
    errors: own.map(({ error }) => error).filter((error) => error !== undefined),
  };
}

function importsOf({ specifier, dependencies = [] }: ModuleInfo): Import[] {
  return dependencies.map(({ specifier: written, code, type, isDynamic = false }) => {
    const target = (code ?? type)?.specifier ?? written;
    return {
      from: inProject(specifier),
      to: target.startsWith(ROOT.href) ? inProject(target) : written,
      isTypeOnly: code === undefined,
      isDynamic,
    };
  });
}

function inProject(address: string): string {
  return decodeURIComponent(address.slice(ROOT.href.length));
}
