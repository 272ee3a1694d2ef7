import { canonicalHost } from "../input/host.ts";
import { didYouMean } from "../input/nearest.ts";
import { formatPath, type Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import type { CallerOnly, Entries, Entry } from "./entries.ts";
import { parseAddress } from "./fields.ts";
import { serviceKey } from "./model.ts";
import type { Route } from "./schema.ts";

/** What callers say of each other, and of the services that they reach. */
export function checkCallers(entries: Entries): Finding[] {
  const names = new Set<string>();
  const binds: Bind[] = [];
  return [
    ...entries.callers.flatMap((entry) => [
      ...checkName(entry, names),
      ...checkBinds(entry, binds),
      ...checkKind(entry),
    ]),
    ...entries.routes.flatMap((entry) => checkRoute(entry, entries)),
  ];
}

function checkName({ path, cluster, value: { name } }: Entry<CallerOnly>, names: Set<string>): Finding[] {
  const id = `${cluster}/${name}`;
  const message = `found ${JSON.stringify(name)} a second time in ${cluster}, allowed once`;
  const findings = names.has(id) ? [{ path: [...path, "name"], message }] : [];
  names.add(id);
  return findings;
}

interface Bind {
  path: Path;
  host: string;
  port: number;
}

/** Two Envoys that listen on one address share it in silence (SO_REUSEPORT), and each serves half of the requests. */
function checkBinds({ path, value }: Entry<CallerOnly>, binds: Bind[]): Finding[] {
  return (["listener", "admin"] as const).flatMap((field) => {
    const address = parseAddress(value[field]);
    if (!address) return [];
    const bind = { path: [...path, field], host: canonicalHost(address.host), port: address.port };
    const other = binds.find(({ host, port }) => port === bind.port && overlap(host, bind.host));
    binds.push(bind);
    const message = `found ${JSON.stringify(value[field])}, which ${other && formatPath(other.path)} takes, allowed: an address of its own`;
    return other ? [{ path: bind.path, message }] : [];
  });
}

function overlap(a: string, b: string): boolean {
  const any = ["0.0.0.0", "::"];
  return a === b || any.includes(a) || any.includes(b);
}

function checkKind({ path, value }: Entry<CallerOnly>): Finding[] {
  if (value.kind === "gateway") {
    const message = "missing, allowed: at least one route (a gateway serves nothing else)";
    return value.routes !== undefined ? [] : [{ path: [...path, "routes"], message }];
  }
  return (["plugin", "routes"] as const).flatMap((field) =>
    value[field] === undefined
      ? []
      : [{ path: [...path, field], key: true, message: 'allowed only with kind "gateway"' }],
  );
}

function checkRoute({ path, value }: Entry<Route>, { services, ids, complete }: Entries): Finding[] {
  const { service, port, cluster } = value;
  const findings: Finding[] = [];
  const known = ids.map(({ value }) => value);
  if (cluster !== undefined && !known.includes(cluster)) {
    const message = `found ${JSON.stringify(cluster)}, allowed: the id of one of the clusters`;
    findings.push({ path: [...path, "cluster"], message, hint: didYouMean(cluster, known) });
  }
  // An entry that is not well formed may be the one that is looked for.
  if (!complete) return findings;
  const named = services.filter(({ value }) => value.service.toLowerCase() === service.toLowerCase());
  const ports = [...new Set(named.map(({ value }) => value.port))];
  if (named.length === 0) {
    const names = services.map(({ value }) => value.service);
    const message = `found ${JSON.stringify(service)}, allowed: a service of one of the clusters`;
    findings.push({ path: [...path, "service"], message, hint: didYouMean(service, names) });
  } else if (port === undefined && ports.length > 1) {
    findings.push({ path: [...path, "port"], message: `missing, allowed: ${ports.join(" or ")}` });
  } else if (port !== undefined && !ports.includes(port)) {
    const message = `found the number ${port} (${serviceKey(service, port)}), allowed: ${ports.join(" or ")}`;
    findings.push({ path: [...path, "port"], message });
  }
  return findings;
}
