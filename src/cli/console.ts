import { join } from "node:path";
import { isIP } from "node:net";
import { defineCommand } from "citty";
import { readPage } from "../console/page-files.ts";
import { startConsole, type Console } from "../console/server.ts";
import { Session } from "../console/session.ts";
import { readText } from "../files/read.ts";
import { canonicalHost } from "../input/host.ts";
import { parsePrices } from "../live/prices.ts";
import { parseAddress, type Address } from "../inventory/fields.ts";
import { adminArgs, givenAdminAddresses } from "./admin-addresses.ts";
import { consoleMesh } from "./console-mesh.ts";
import { BAD_INPUT, OK, UsageError, type Io } from "./io.ts";
import { packageRoot } from "./package-root.ts";
import { reportProblems } from "./report.ts";

const args = {
  ...adminArgs,
  policy: {
    type: "string",
    required: true,
    valueHint: "FILE",
    description: "The policy: what the switch writes.",
  },
  inventory: {
    type: "string",
    required: true,
    valueHint: "PATH",
    description: "What runs in which cluster: mesh.yaml, or Kubernetes resources as for generate istio.",
  },
  out: {
    type: "string",
    valueHint: "DIR",
    description:
      "Where generate envoy writes, and so where the switch takes effect. Needed with a mesh.yaml.",
  },
  listen: {
    type: "string",
    valueHint: "ADDRESS",
    description: "Where to serve the page; port 0 for a free one. Default: 127.0.0.1:7900.",
  },
  prices: {
    type: "string",
    valueHint: "FILE",
    description: "A price table, as for status: the page then says what crossing costs.",
  },
  wasm: { type: "string", valueHint: "FILE", description: "As for generate envoy." },
  "base-path": { type: "string", valueHint: "PATH", description: "As for generate envoy." },
} as const;

/** What the command was given. */
export interface ConsoleArgs {
  policy: string;
  inventory: string;
  out?: string | undefined;
  /** Of the proxies to look at. Default: those of the inventory's callers. */
  admins?: readonly string[] | undefined;
  listen?: string | undefined;
  prices?: string | undefined;
  wasm?: string | undefined;
  "base-path"?: string | undefined;
}

/** `cluster-local console`. */
export function consoleCommand(io: Io) {
  return defineCommand({
    meta: { name: "console", description: "Serves a page that shows the traffic and has the switch." },
    args,
    run: async ({ args: given, rawArgs }) => {
      const admins = givenAdminAddresses(rawArgs, args, given["admin-file"]);
      const console = await openConsole({ ...given, admins: admins.length > 0 ? admins : undefined }, io);
      if (!console) return BAD_INPUT;
      tell(console, io);
      await new Promise((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
      });
      await console.close();
      return OK;
    },
  });
}

/** Starts the console; undefined when its input is wrong, which is then told. Throws UsageError and FileError. */
export async function openConsole(args: ConsoleArgs, io: Io): Promise<Console | undefined> {
  const listen = listenAddress(args.listen ?? "127.0.0.1:7900");
  const mesh = consoleMesh(args);
  if (Array.isArray(mesh)) {
    reportProblems(io, mesh, "the console was not started");
    return undefined;
  }
  const prices = args.prices === undefined ? undefined : parsePrices(readText(args.prices), args.prices);
  if (prices?.ok === false) {
    reportProblems(io, prices.problems, "the console was not started");
    return undefined;
  }
  const session = new Session(args.policy, mesh, prices?.value);
  const page = readPage(join(packageRoot(), "src", "console", "page"));
  try {
    return await startConsole({ session, page, listen });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? undefined : REASONS[code];
    if (reason === undefined) throw error;
    throw new UsageError(`option --listen: cannot listen on ${args.listen ?? "127.0.0.1:7900"}: ${reason}`);
  }
}

const REASONS: Record<string, string> = {
  EADDRINUSE: "the port is taken; port 0 finds a free one",
  EADDRNOTAVAIL: "this machine does not have the address",
  EACCES: "no permission",
  ENOTFOUND: "there is no such host",
};

function tell({ url, address }: Console, io: Io): void {
  io.out(`The page is at ${url}`);
  if (!isLoopback(address)) {
    io.err(
      "warning: it listens beyond this machine: whoever has the address above can change the policy, and it is not encrypted.",
    );
  }
  io.out("Ctrl-C ends it.");
}

function isLoopback({ host }: Address): boolean {
  const one = canonicalHost(host);
  return one === "localhost" || one === "::1" || (isIP(one) === 4 && one.startsWith("127."));
}

function listenAddress(text: string): Address {
  const free = text.replace(/:0$/, ":1");
  const address = parseAddress(free);
  if (!address) {
    throw new UsageError(
      `option --listen: found ${JSON.stringify(text)}, allowed: "address:port", such as 127.0.0.1:7900`,
    );
  }
  return free === text ? address : { ...address, port: 0 };
}
