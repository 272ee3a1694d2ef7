import { createHash } from "node:crypto";

/** What Istio takes for the name of a subset (pkg/config/validation, ValidateSubsetName). */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** What Kubernetes takes for the value of a label. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export function isSubsetName(name: string): boolean {
  return LABEL.test(name);
}

export function isLabelValue(value: string): boolean {
  return LABEL_VALUE.test(value);
}

/** What the subsets of clusters are called. */
export interface Names {
  /** The subset of a cluster; where a version is given, the part of that subset which is in the cluster. */
  name(cluster: string, version?: string): string;
}

/** Names for a service's subsets that are none of the user's. */
export class SubsetNames implements Names {
  constructor(private readonly taken: ReadonlySet<string>) {}

  name(cluster: string, version?: string): string {
    const plain = version === undefined ? cluster : `${version}-${cluster}`;
    const names = [plain, `cluster-local-${plain}`];
    return (
      names.find((name) => isSubsetName(name) && !this.taken.has(name)) ?? `cluster-local-${digest(plain)}`
    );
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
