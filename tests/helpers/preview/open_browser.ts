import { inflate } from "@sparticuz/chromium";
import carried from "@sparticuz/chromium";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";

const ARGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];
/** Milliseconds that a test waits for anything in a browser: a busy machine may need much longer than a usual one. */
export const BROWSER_WAIT_MS = 120_000;

/**
 * Starts a headless Chromium whose pages wait for up to {@linkcode BROWSER_WAIT_MS}: the one that `CHROMIUM_PATH` names, else the one carried by `@sparticuz/chromium`
 * (Linux on x86-64), which needs nothing installed. The caller closes it.
 *
 * @throws {Error} saying how to get one, where neither starts.
 */
export async function openBrowser(): Promise<Browser> {
  // Playwright looks into /proc for Windows while it is loaded, which only a run with every permission may.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  const named = Deno.env.get("CHROMIUM_PATH");
  const options = { args: ARGS, timeout: BROWSER_WAIT_MS };
  try {
    const executablePath = named ?? await carried.executablePath();
    try {
      return patient(await chromium.launch({ executablePath, ...options }));
    } catch (error) {
      if (named !== undefined) throw error;
      // A bare machine has no NSS; the package carries that too, for another machine that has none.
      const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../bin");
      const libraries = join(await inflate(join(bin, "al2023.tar.br")), "lib");
      const env = { ...Deno.env.toObject(), LD_LIBRARY_PATH: libraries };
      return patient(await chromium.launch({ executablePath, ...options, env }));
    }
  } catch (cause) {
    throw new Error(
      "Cannot start a browser. Install Chromium (Debian: apt-get install chromium) and set CHROMIUM_PATH to it " +
        "(Debian: CHROMIUM_PATH=/usr/bin/chromium)",
      { cause },
    );
  }
}

/** The same browser, whose new pages wait longer than Playwright's 30 s. */
function patient(browser: Browser): Browser {
  const newPage = browser.newPage.bind(browser);
  return Object.assign(browser, {
    newPage: async (options: Parameters<Browser["newPage"]>[0]) => {
      const page = await newPage(options);
      page.context().setDefaultTimeout(BROWSER_WAIT_MS);
      return page;
    },
  });
}
