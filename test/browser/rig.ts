import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { startChild, type Child } from "../../envoy/children.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { startBookinfo, type Bookinfo } from "../../examples/bookinfo/demo/bookinfo.ts";
import { visit } from "../../examples/bookinfo/demo/measure.ts";
import { startChromium } from "./chromium.ts";

const program = fileURLToPath(new URL("../../build/js/cli/main.js", import.meta.url));

/** Bookinfo in two clusters with traffic, `cluster-local console` for it as users start it, and a browser. */
export interface Rig {
  bookinfo: Bookinfo;
  console: Child;
  /** As it was printed, with the key. */
  url: string;
  /** Without it: `http://127.0.0.1:7900`. */
  origin: string;
  token: string;
  browser: BrowserContext;
  /** The folder of its profile. */
  profile: string;
  /** Opens the page; the traffic is there when it resolves. What the browser complains about goes to `complaints`. */
  open(options?: OpenOptions): Promise<Page>;
  readonly complaints: string[];
  policy(): string;
  writePolicy(text: string): void;
  /** The policy as the demo begins with it, switched off and live, and no complaints. */
  reset(): Promise<void>;
  /** That policy. */
  readonly initial: string;
  stop(): Promise<void>;
}

export interface OpenOptions {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
  reducedMotion?: "reduce" | "no-preference";
}

/** Pages of Bookinfo that are opened a second. */
const PER_SECOND = 20;

export async function startRig(): Promise<Rig> {
  const { path } = await resolveEnvoy();
  const bookinfo = await startBookinfo(path);
  const load = keepVisiting(bookinfo);
  const { child, url } = await startConsole(bookinfo);
  const { context: browser, profile } = await startChromium();
  const complaints: string[] = [];
  const { policy } = bookinfo.files;
  const initial = readFileSync(policy, "utf8");
  return {
    bookinfo,
    console: child,
    url,
    origin: new URL(url).origin,
    token: url.replace(/.*#token=/, ""),
    browser,
    profile,
    complaints,
    async open({ width = 1280, height = 1000, scheme = "light", reducedMotion = "no-preference" } = {}) {
      const page = await browser.newPage();
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion });
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(url);
      await page.locator(".arrow:not([data-idle])").first().waitFor({ state: "attached" });
      return page;
    },
    policy: () => readFileSync(policy, "utf8"),
    writePolicy: (text) => writeFileSync(policy, text),
    initial,
    async reset() {
      writeFileSync(policy, initial);
      await bookinfo.setRetention(false);
      complaints.length = 0;
    },
    async stop() {
      load.stop();
      await browser.close();
      await child.stop();
    },
  };
}

/** Starts the program for a mesh, and finds the address that it prints; without `out` for Kubernetes resources. */
export async function startConsole(
  { files }: { files: Pick<Bookinfo["files"], "policy" | "mesh"> & { out?: string } },
  ...more: string[]
) {
  const child = await startChild(
    process.execPath,
    // prettier-ignore
    [program, "console", "--policy", files.policy, "--inventory", files.mesh,
     ...(files.out === undefined ? [] : ["--out", files.out]), "--listen", "127.0.0.1:0", ...more],
    { name: "the console" },
  );
  const address = () => /http:\/\/\S+#token=\S+/.exec(child.log.join("\n"))?.[0];
  await waitUntil(() => address() !== undefined || !child.running, { timeoutMs: 10_000 });
  const url = address();
  if (url === undefined) throw new Error(child.log.join("\n"));
  return { child, url };
}

function keepVisiting(bookinfo: Bookinfo) {
  let isOn = true;
  const visiting = async () => {
    for (let index = 0; isOn; index++) {
      visit(bookinfo, index % 2 ? 2 : 1).catch(() => {});
      await sleep(1000 / PER_SECOND);
    }
  };
  void visiting();
  return { stop: () => void (isOn = false) };
}

/** The arrow between two places: `arrow(page, "productpage in m1c1", "reviews in m1c2")`. */
export function arrow(page: Page, from: string, to: string): Locator {
  return page.locator(`.arrow[aria-label^="${from} to ${to}:"]`);
}
