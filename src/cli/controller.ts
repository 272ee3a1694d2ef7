import { defineCommand } from "citty";
import { manifests } from "../controller/manifests.ts";
import { runController, type ControllerOptions } from "../controller/run.ts";
import { fromFile, inCluster } from "../kube/access.ts";
import { FILTER } from "./args.ts";
import { BAD_INPUT, OK, UsageError, type Io } from "./io.ts";

const args = {
  "cluster-id": {
    type: "string",
    required: true,
    valueHint: "ID",
    description: "The id of the cluster that Istio's configuration is in, as in its sidecars' CLUSTER_ID.",
  },
  kubeconfig: { type: "string", valueHint: "FILE", description: "Default: the pod's service account." },
  context: { type: "string", valueHint: "NAME", description: "Of the kubeconfig. Default: its current one." },
  ...FILTER,
  "root-namespace": {
    type: "string",
    valueHint: "NAME",
    description: "Istio's, with its remote secrets. Default: istio-system.",
  },
  istiod: {
    type: "string",
    valueHint: "URL",
    description:
      "istiod's debug address (http://istiod.istio-system:15014): waits until proxies have the subsets.",
  },
  settle: {
    type: "string",
    valueHint: "TIME",
    description: "From subsets to the routes that lead to them, at most: 500ms, 2s (default).",
  },
  "max-change": {
    type: "string",
    valueHint: "PERCENT",
    description: "More of the services at once wait for an approval in an annotation. Default: 100, never.",
  },
  prometheus: {
    type: "string",
    valueHint: "URL",
    description: "Tells rollouts whether requests fail. Default: their steps go by time alone.",
  },
  "lease-namespace": {
    type: "string",
    valueHint: "NAME",
    description: "Where replicas agree on who acts. Default: there is one.",
  },
  "lease-seconds": {
    type: "string",
    valueHint: "N",
    description: "For how long a leader that says nothing stays one. Default: 15.",
  },
  "watch-seconds": {
    type: "string",
    valueHint: "N",
    description: "How long one watch lasts; a silent connection is noticed 5 s later. Default: 30.",
  },
  listen: {
    type: "string",
    valueHint: "ADDRESS",
    description: "For /healthz, /readyz and /metrics. Default: 0.0.0.0:8080.",
  },
} as const;

/** `cluster-local controller`. */
export function controllerCommand(io: Io) {
  return defineCommand({
    meta: { name: "controller", description: "Keeps a living Istio mesh as its policies say." },
    args,
    run: ({ args: given }) => run(given, io),
    subCommands: { manifests: manifestsCommand(io) },
  });
}

type Args = { [Name in keyof typeof args]?: string | undefined };

async function run(given: Args, io: Io): Promise<number> {
  const end = new AbortController();
  const stop = () => end.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const options = optionsOf(given);
  try {
    const access = given.kubeconfig ? await fromFile(given.kubeconfig, given.context) : await inCluster();
    await runController(access, options, end.signal);
  } catch (error) {
    // Without a kubeconfig, or with an address that is taken, nothing has begun.
    io.err((error as Error).message);
    return BAD_INPUT;
  }
  return OK;
}

function optionsOf(given: Args): ControllerOptions {
  return {
    clusterId: given["cluster-id"]!,
    ...{ image: given.image, sha256: given.sha256, istiod: given.istiod, prometheus: given.prometheus },
    rootNamespace: given["root-namespace"] ?? "istio-system",
    settleMs: milliseconds(given.settle ?? "2s"),
    maxChange: number("max-change", given["max-change"] ?? "100", 0, 100),
    leaseNamespace: given["lease-namespace"],
    leaseSeconds: number("lease-seconds", given["lease-seconds"] ?? "15", 1, 600),
    watchSeconds: number("watch-seconds", given["watch-seconds"] ?? "30", 1, 300),
    listen: address(given.listen ?? "0.0.0.0:8080"),
  };
}

function milliseconds(text: string): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  if (value !== undefined) return Number(value) * (unit === "s" ? 1000 : 1);
  throw new UsageError(`option --settle: found "${text}", allowed: a time such as 500ms or 2s`);
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value >= from && value <= to) return value;
  throw new UsageError(`option --${name}: found "${text}", allowed: a number from ${from} to ${to}`);
}

function address(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:\[?([^\]]*?)\]?)?:(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined) throw new UsageError(`option --listen: found "${text}", allowed: host:port`);
  return { host: host || "0.0.0.0", port: Number(port) };
}

const manifestArgs = {
  "cluster-id": args["cluster-id"],
  namespace: { type: "string", valueHint: "NAME", description: "Of the controller. Default: istio-system." },
  image: { type: "string", valueHint: "IMAGE", required: true, description: "The controller's image." },
  "filter-image": { ...args.image },
  "root-namespace": args["root-namespace"],
} as const;

function manifestsCommand(io: Io) {
  return defineCommand({
    meta: {
      name: "manifests",
      description: "Prints what `kubectl apply -f -` installs: CRDs, rights, Deployment.",
    },
    args: manifestArgs,
    run: ({ args: given }) => {
      io.out(
        manifests({
          clusterId: given["cluster-id"],
          namespace: given.namespace ?? "istio-system",
          rootNamespace: given["root-namespace"] ?? "istio-system",
          image: given.image,
          filterImage: given["filter-image"],
        }).trimEnd(),
      );
      return OK;
    },
  });
}
