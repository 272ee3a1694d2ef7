import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { examine, type ExamineOptions } from "../doctor/examine.ts";
import type { Diagnosis } from "../doctor/finding.ts";
import { numberOf, renderDiagnosis, renderTotal } from "../doctor/render.ts";
import { inspect } from "../live/inspect.ts";
import { LiveError } from "../live/live-error.ts";
import { adminAddresses, adminArgs } from "./admin-addresses.ts";
import { BAD_INPUT, OK, type Io } from "./io.ts";
import { packageRoot } from "./package-root.ts";
import { readPolicy } from "./read-policy.ts";
import { reportProblems } from "./report.ts";
import { painter } from "./colour.ts";

const args = {
  ...adminArgs,
  policy: {
    type: "string",
    valueHint: "FILE",
    description: "What should run: whether it does is looked at, too.",
  },
  json: { type: "boolean", description: "Print everything as JSON." },
} as const;

/** An Envoy with many services takes its time for a dump of its configuration. */
const TIMEOUT_MS = 30_000;
/** So many proxies are asked at a time. */
const CONCURRENCY = 8;

/** `cluster-local doctor`. */
export function doctorCommand(io: Io) {
  return defineCommand({
    meta: {
      name: "doctor",
      description: "Looks at running proxies and says what is wrong, how it was seen, and what to do.",
    },
    args,
    run: ({ args: given, rawArgs }) =>
      doctor(adminAddresses(rawArgs, args, given["admin-file"]), given.policy, given.json === true, io),
  });
}

async function doctor(
  addresses: readonly string[],
  file: string | undefined,
  json: boolean,
  io: Io,
): Promise<number> {
  const policy = file === undefined ? undefined : readPolicy(file);
  if (policy?.ok === false) return reportProblems(io, policy.problems, "no proxy was looked at");
  const options = {
    supported: supportedEnvoys(),
    policy: policy && file !== undefined ? { value: policy.value, file } : undefined,
  };
  const paint = painter(io.colours?.out);
  const diagnoses: Diagnosis[] = [];
  for (let first = 0; first < addresses.length; first += CONCURRENCY) {
    const some = addresses.slice(first, first + CONCURRENCY);
    // A proxy with thousands of services takes seconds; `busy` says what takes longer than one.
    const slow = setTimeout(() => io.busy?.(`looking at ${some.join(", ")}`), 1000);
    const found = await Promise.all(some.map((address) => diagnose(address, options))).finally(() =>
      clearTimeout(slow),
    );
    diagnoses.push(...found);
    if (!json) for (const line of found.flatMap((one) => [...renderDiagnosis(one, paint), ""])) io.out(line);
  }
  const [errors, warnings] = [numberOf(diagnoses, "error"), numberOf(diagnoses, "warning")];
  if (json) io.out(JSON.stringify({ proxies: diagnoses, errors, warnings }, null, 2));
  else io.out(renderTotal(diagnoses));
  return errors > 0 ? BAD_INPUT : OK;
}

async function diagnose(address: string, options: Omit<ExamineOptions, "now">): Promise<Diagnosis> {
  try {
    const state = await inspect(address, { timeoutMs: TIMEOUT_MS });
    return examine(state, { ...options, now: Date.now() });
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    const message = error.message.replace(`${address}: `, "");
    const remedy =
      "name the admin interface of a running Envoy; on Kubernetes: kubectl port-forward POD 15000";
    return {
      address,
      proxy: undefined,
      findings: [
        {
          check: "reachable",
          level: "error",
          message,
          evidence: ["GET /server_info"],
          remedy,
        },
      ],
    };
  }
}

/** The range of Envoys that this package was tested with: envoy/version.json, the one place. */
function supportedEnvoys(): ExamineOptions["supported"] {
  const file = join(packageRoot(), "envoy", "version.json");
  const { oldestMinor, newestMinor } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return { from: oldestMinor ?? "", to: newestMinor ?? "" };
}
