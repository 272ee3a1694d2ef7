import { chromiumPath } from "./chromium.ts";

/** Says once what is missing, instead of in each test. */
export default function setup(): void {
  if (chromiumPath !== undefined) return;
  throw new Error(
    "The browser tests need Chromium: `apt-get install chromium`, or name one with CHROMIUM_BIN. All other tests do without.",
  );
}
