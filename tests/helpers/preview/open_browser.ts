import { inflate } from "@sparticuz/chromium";
import carried from "@sparticuz/chromium";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";

const ARGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];

/**
 * Starts a headless Chromium: the one that `CHROMIUM_PATH` names, else the one carried by `@sparticuz/chromium`
 * (Linux on x86-64), which needs nothing installed. The caller closes it.
 *
 * @throws {Error} saying how to get one, where neither starts.
 */
export async function openBrowser(): Promise<Browser> {
  // Playwright looks into /proc for Windows while it is loaded, which only a run with every permission may.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  const named = Deno.env.get("CHROMIUM_PATH");
  try {
    const executablePath = named ?? await carried.executablePath();
    try {
      return await chromium.launch({ executablePath, args: ARGS });
    } catch (error) {
      if (named !== undefined) throw error;
      // A bare machine has no NSS; the package carries that too, for another machine that has none.
      const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../bin");
      const libraries = join(await inflate(join(bin, "al2023.tar.br")), "lib");
      return await chromium.launch({
        executablePath,
        args: ARGS,
        env: { ...Deno.env.toObject(), LD_LIBRARY_PATH: libraries },
      });
    }
  } catch (cause) {
    throw new Error(
      "Cannot start a browser. Install Chromium (Debian: apt-get install chromium) and set CHROMIUM_PATH to it " +
        "(Debian: CHROMIUM_PATH=/usr/bin/chromium)",
      { cause },
    );
  }
}
