import type { z } from "zod";
import { canonicalAddress } from "../input/host.ts";
import { didYouMean } from "../input/nearest.ts";
import { formatPath, type Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { oneOf } from "../input/words.ts";
import { checkCallers } from "./check-callers.ts";
import { entriesOf, type Entries, type Entry } from "./entries.ts";
import { healthCheckOf, outlierDetectionOf, serviceKey } from "./model.ts";
import type { MeshFile, ServiceEntry } from "./schema.ts";

/** Compares the entries of an inventory with each other; each problem becomes an issue of the schema. */
export function checkMesh(file: MeshFile, context: z.core.$RefinementCtx<MeshFile>): void {
  const entries = entriesOf(file, context.issues.length === 0);
  const findings = [...checkIds(entries), ...checkServices(entries, file), ...checkCallers(entries)];
  for (const { code, path, message, hint } of findings) {
    context.addIssue({ code: "custom", path: [...path], message, params: { code, hint } });
  }
}

function checkIds({ ids }: Entries): Finding[] {
  const values = ids.map(({ value }) => value);
  return ids
    .filter(({ value }, index) => values.indexOf(value) < index)
    .map(({ path, value }) => ({
      code: "CL0204",
      path,
      message: `found ${JSON.stringify(value)} a second time, allowed once`,
    }));
}

function checkServices({ services }: Entries, file: MeshFile): Finding[] {
  const first = new Map<string, Entry<ServiceEntry>>();
  const addresses = new Map<string, Path>();
  // One list for all: of thousands of entries, few have anything to tell.
  const findings: Finding[] = [];
  for (const entry of services) {
    const key = serviceKey(entry.value.service, entry.value.port);
    const other = first.get(key);
    if (other) findings.push(...checkAgreement(entry, other, key, file));
    else first.set(key, entry);
    checkAddresses(entry, key, addresses, findings);
    findings.push(...checkLabels(entry), ...checkHealthCheck(entry));
  }
  return findings;
}

const SETTINGS = [
  ["healthCheck", healthCheckOf],
  ["outlierDetection", outlierDetectionOf],
  ["retries", ({ retries }: ServiceEntry) => retries],
  ["circuitBreakers", ({ circuitBreakers }: ServiceEntry) => circuitBreakers],
] as const;

/** One Envoy cluster holds a service's endpoints of all clusters: it has one of each setting. */
function checkAgreement(
  entry: Entry<ServiceEntry>,
  other: Entry<ServiceEntry>,
  key: string,
  file: MeshFile,
): Finding[] {
  const findings: Finding[] = [];
  const { protocol } = entry.value;
  if (protocol !== other.value.protocol) {
    const message = `found ${oneOf([protocol])} for ${key}, allowed: ${oneOf([other.value.protocol])}, as ${formatPath(other.path)} says`;
    findings.push({ code: "CL0205", path: [...entry.path, "protocol"], message });
  }
  for (const [field, of] of SETTINGS) {
    // What is written alike means the same: of thousands of services, few need a closer look.
    if (JSON.stringify(entry.value[field]) === JSON.stringify(other.value[field])) continue;
    const [ours, theirs] = [entry, other].map(({ value }) => JSON.stringify(of(value, file)));
    if (ours === theirs) continue;
    const message = `differs from that of ${formatPath(other.path)}, allowed: one for all of ${key}`;
    findings.push({ code: "CL0205", path: [...entry.path, field], message });
  }
  return findings;
}

/** Envoy knows an endpoint by its address: given twice, it would belong to one cluster only, whichever comes first. */
function checkAddresses(
  { path, value }: Entry<ServiceEntry>,
  key: string,
  seen: Map<string, Path>,
  findings: Finding[],
): void {
  value.endpoints.forEach((address, index) => {
    const id = `${key} ${canonicalAddress(address)}`;
    const at = [...path, "endpoints", index];
    const first = seen.get(id);
    if (!first) {
      seen.set(id, at);
      return;
    }
    const message = `found ${JSON.stringify(address)} a second time for ${key} (first: ${formatPath(first)}), allowed once`;
    findings.push({ code: "CL0204", path: at, message });
  });
}

/** Users label their pods `cluster` themselves: that is welcome while it is the truth. */
function checkLabels({ path, cluster, value }: Entry<ServiceEntry>): Finding[] {
  const label = value.labels?.cluster;
  if (label === undefined || label === cluster) return [];
  const message = `found ${JSON.stringify(label)}, allowed: ${JSON.stringify(cluster)}, the cluster that it stands in`;
  return [
    { code: "CL0205", path: [...path, "labels", "cluster"], message, hint: didYouMean(label, [cluster]) },
  ];
}

function checkHealthCheck({ path, value }: Entry<ServiceEntry>): Finding[] {
  if (value.healthCheck?.grpc !== true || value.protocol !== "http") return [];
  return [
    {
      code: "CL0205",
      path: [...path, "healthCheck", "grpc"],
      message: 'allowed only with protocol "grpc" or "http2"',
    },
  ];
}
