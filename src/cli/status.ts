import { setTimeout as sleep } from "node:timers/promises";
import { defineCommand } from "citty";
import { readText } from "../files/read.ts";
import { rates } from "../live/rates.ts";
import { parsePrices } from "../live/prices.ts";
import { Watch } from "../status/look.ts";
import { table, type Look } from "../status/table.ts";
import { adminAddresses, adminArgs } from "./admin-addresses.ts";
import { painter } from "./colour.ts";
import { BAD_INPUT, OK, UsageError, type Io } from "./io.ts";
import { reportProblems } from "./report.ts";

const args = {
  ...adminArgs,
  once: {
    type: "boolean",
    description: "Look once, print what was counted since the proxies started, and end.",
  },
  interval: {
    type: "string",
    valueHint: "TIME",
    description: "From one look to the next: 500ms, 2s (default), 1m.",
  },
  prices: {
    type: "string",
    valueHint: "FILE",
    description: "What traffic between clusters costs, for an estimate: a price table.",
  },
  all: { type: "boolean", description: "Show services without requests, too." },
  json: { type: "boolean", description: "Print each look as one line of JSON." },
} as const;

/** A proxy with thousands of services takes seconds to answer. */
const TIMEOUT_MS = 15_000;
/** Below the table: the counters of each proxy, the cost and the hint. */
const RESERVED_ROWS = 6;
const ESC = "\u001b[";

/** `cluster-local status`. */
export function statusCommand(io: Io) {
  return defineCommand({
    meta: {
      name: "status",
      description: "Shows where the requests of running proxies go: a live table, by caller and service.",
    },
    args,
    run: ({ args: given, rawArgs }) => {
      const addresses = adminAddresses(rawArgs, args, given["admin-file"]);
      const interval = durationOf(given.interval ?? "2s");
      const prices =
        given.prices === undefined ? undefined : parsePrices(readText(given.prices), given.prices);
      if (prices?.ok === false) return reportProblems(io, prices.problems, "no proxy was looked at");
      const watch = new Watch(addresses, prices?.value, TIMEOUT_MS);
      const show = printer(io, {
        once: given.once === true,
        all: given.all === true,
        json: given.json === true,
      });
      return given.once === true ? once(watch, show) : live(watch, show, interval, io);
    },
  });
}

type Show = (look: Look) => void;

async function once(watch: Watch, show: Show): Promise<number> {
  const look = await watch.look();
  show(look);
  return look.unreachable.length > 0 ? BAD_INPUT : OK;
}

/** Until the user ends it. */
async function live(watch: Watch, show: Show, interval: number, io: Io): Promise<number> {
  const end = new AbortController();
  const stop = () => end.abort();
  const isOver = () => end.signal.aborted;
  process.once("SIGINT", stop).once("SIGTERM", stop);
  // A line that is too long is cut: wrapped, it would push the table off its place.
  io.terminal?.write(`${ESC}?7l`);
  const slow = setTimeout(() => io.busy?.("waiting for the proxies' answers"), 1000);
  try {
    while (!isOver()) {
      const next = performance.now() + interval;
      const look = await watch.look(end.signal);
      clearTimeout(slow);
      if (!isOver()) show(look);
      await sleep(Math.max(0, next - performance.now()), undefined, { signal: end.signal }).catch(
        () => undefined,
      );
    }
  } finally {
    clearTimeout(slow);
    process.off("SIGINT", stop).off("SIGTERM", stop);
    io.terminal?.write(`${ESC}?7h\n`);
  }
  return OK;
}

function printer(io: Io, { once, all, json }: { once: boolean; all: boolean; json: boolean }): Show {
  if (json) return (look) => io.out(JSON.stringify(plain(look)));
  const { terminal } = io;
  const paint = painter(io.colours?.out);
  return (look) => {
    const rows =
      once || !terminal ? Infinity : Math.max(3, terminal.size().rows - RESERVED_ROWS - look.proxies.length);
    // Rates need two looks; until then, what was counted so far.
    const seenBefore = look.proxies.some(({ earlier }) => earlier !== undefined);
    const lines = table(look, { live: !once && seenBefore, all, maxRows: rows, paint });
    if (once || !terminal) {
      for (const line of once ? lines : [...lines, ""]) io.out(line);
      return;
    }
    // To the top, each line with what stood behind it wiped out, and all below: without flicker.
    terminal.write(`${ESC}H${lines.map((line) => `${line}${ESC}K\n`).join("")}${ESC}J`);
  };
}

/** What machines get of a look. */
function plain({ proxies, unreachable, cost }: Look): object {
  return {
    proxies: proxies.map(({ earlier, later }) => ({
      ...later,
      ...(earlier && { rates: rates(earlier, later) }),
    })),
    unreachable,
    ...(cost && { cost }),
  };
}

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;
const SHORTEST_MS = 100;

function durationOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const ms = unit === undefined ? NaN : Number(number) * UNITS[unit as keyof typeof UNITS];
  if (ms >= SHORTEST_MS && ms <= 60 * UNITS.m) return ms;
  throw new UsageError(`option --interval: found "${text}", allowed: a time from 100ms to 60m, such as 2s`);
}
