import { accessSync, constants } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import { removeAtExit } from "../../envoy/at-exit.ts";

/** Where a Chromium is; undefined where there is none. Debian's and Ubuntu's package puts it at the first. */
export const chromiumPath = [
  process.env.CHROMIUM_BIN,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && isExecutable(path));

/** What it needs in a container, and what keeps it from talking to anybody. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser, and the folder of its profile, which goes with it. */
export interface Chromium {
  context: BrowserContext;
  profile: string;
}

export async function startChromium(): Promise<Chromium> {
  if (chromiumPath === undefined) throw new Error("no Chromium: install it, or set CHROMIUM_BIN");
  const profile = await mkdtemp(join(tmpdir(), "cluster-local-chromium-"));
  removeAtExit(profile);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: FLAGS,
    viewport: { width: 1280, height: 1000 },
  });
  return { context, profile };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
