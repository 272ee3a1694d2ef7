import { didYouMean } from "../input/nearest.ts";
import type { Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { oneOf } from "../input/words.ts";
import type { Entries, Entry } from "./entries.ts";
import { serviceKey } from "./model.ts";
import type { RouteEntry } from "./schema.ts";

/** What a gateway's route says of services and clusters, and of what it can do beside. */
export function checkRoute({ path, value }: Entry<RouteEntry>, entries: Entries): Finding[] {
  const { service, port, cluster, weighted = [], mirror } = value;
  const named: [Path, Named][] = [
    ...(service === undefined ? [] : [[path, { service, port, cluster }] as [Path, Named]]),
    ...weighted.map((one, index): [Path, Named] => [[...path, "weighted", index], one]),
    ...(mirror ? [[[...path, "mirror"], mirror] as [Path, Named]] : []),
  ];
  return [
    ...checkFields(path, value),
    ...checkWeights(path, weighted),
    ...named.flatMap(([at, destination]) => checkDestination(at, destination, entries)),
  ];
}

/** What a field goes with: others would have no effect. */
const GOES_WITH = {
  port: ["service"],
  cluster: ["service"],
  rewrite: ["service", "weighted"],
  hostRewrite: ["service", "weighted"],
  mirror: ["service", "weighted"],
} as const;

function checkFields(path: Path, value: RouteEntry): Finding[] {
  return Object.entries(GOES_WITH).flatMap(([field, others]) => {
    if (value[field as keyof typeof GOES_WITH] === undefined) return [];
    if (others.some((other) => value[other] !== undefined)) return [];
    return [
      { code: "CL0205", path: [...path, field], key: true, message: `allowed only with ${oneOf(others)}` },
    ];
  });
}

function checkWeights(path: Path, weighted: readonly { weight: number }[]): Finding[] {
  if (weighted.length === 0 || weighted.some(({ weight }) => weight > 0)) return [];
  return [
    {
      code: "CL0205",
      path: [...path, "weighted"],
      message: "the weights are all 0, allowed: at least one above",
    },
  ];
}

interface Named {
  service: string;
  port?: number | undefined;
  cluster?: string | undefined;
}

function checkDestination(
  path: Path,
  { service, port, cluster }: Named,
  { services, ids, complete }: Entries,
): Finding[] {
  const findings: Finding[] = [];
  const known = ids.map(({ value }) => value);
  if (cluster !== undefined && !known.includes(cluster)) {
    const message = `found ${JSON.stringify(cluster)}, allowed: the id of one of the clusters`;
    findings.push({ code: "CL0206", path: [...path, "cluster"], message, hint: didYouMean(cluster, known) });
  }
  // An entry that is not well formed may be the one that is looked for.
  if (!complete) return findings;
  const named = services.filter(({ value }) => value.service.toLowerCase() === service.toLowerCase());
  const ports = [...new Set(named.map(({ value }) => value.port))];
  if (named.length === 0) {
    const names = services.map(({ value }) => value.service);
    const message = `found ${JSON.stringify(service)}, allowed: a service of one of the clusters`;
    findings.push({ code: "CL0206", path: [...path, "service"], message, hint: didYouMean(service, names) });
  } else if (port === undefined && ports.length > 1) {
    findings.push({
      code: "CL0202",
      path: [...path, "port"],
      message: `missing, allowed: ${ports.join(" or ")}`,
    });
  } else if (port !== undefined && !ports.includes(port)) {
    const message = `found the number ${port} (${serviceKey(service, port)}), allowed: ${ports.join(" or ")}`;
    findings.push({ code: "CL0206", path: [...path, "port"], message });
  }
  return findings;
}
