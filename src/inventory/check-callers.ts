import { canonicalHost } from "../input/host.ts";
import { formatPath, type Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { checkRoute } from "./check-routes.ts";
import type { CallerOnly, Entries, Entry } from "./entries.ts";
import { parseAddress } from "./fields.ts";

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
  const findings = names.has(id) ? [{ code: "CL0204" as const, path: [...path, "name"], message }] : [];
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
    return other ? [{ code: "CL0204" as const, path: bind.path, message }] : [];
  });
}

function overlap(a: string, b: string): boolean {
  const any = ["0.0.0.0", "::"];
  return a === b || any.includes(a) || any.includes(b);
}

function checkKind({ path, value }: Entry<CallerOnly>): Finding[] {
  if (value.kind === "gateway") {
    const message = "missing, allowed: at least one route (a gateway serves nothing else)";
    return value.routes !== undefined ? [] : [{ code: "CL0202", path: [...path, "routes"], message }];
  }
  return (["plugin", "routes"] as const).flatMap((field) =>
    value[field] === undefined
      ? []
      : [{ code: "CL0205", path: [...path, field], key: true, message: 'allowed only with kind "gateway"' }],
  );
}
