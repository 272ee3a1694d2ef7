import type { Problem } from "../../input/problem.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { subsetsOf } from "./destination-rules.ts";
import { isSubsetName, type Names } from "./subset-names.ts";

/** Before the names where some subset of the user's, of whatever service, has one without it. */
const PREFIX = "cluster-local-";

/** Names of subsets that the filter can put together by itself: all of one form, for every service and cluster. */
export class UniformNames implements Names {
  private readonly prefix: string;

  constructor(
    private readonly clusters: readonly string[],
    private readonly users: readonly KubeObject[],
  ) {
    this.prefix = this.taken("").length > 0 ? PREFIX : "";
  }

  name(cluster: string, version?: string): string {
    return nameWith(this.prefix, cluster, version);
  }

  /** Subsets of these rules, which are for retained services, whose names leave none for ours. */
  problems(rules: readonly KubeObject[]): Problem[] {
    const taken = new Set(this.taken(this.prefix).map(({ name }) => name));
    return rules.flatMap((rule) =>
      subsetsOf(rule).flatMap(({ name }, index) => {
        const path = `spec.subsets[${index}].name`;
        if (taken.has(name)) {
          const message = `found ${JSON.stringify(name)}, which --routing envoy-filter needs for a cluster; allowed: another name (or --routing virtual-service)`;
          return [problemOf(rule, path, message)];
        }
        const long = this.clusters.find((cluster) => !isSubsetName(this.name(cluster, name)));
        if (long === undefined) return [];
        const message = `found ${JSON.stringify(name)}, allowed with --routing envoy-filter: a name of which ${JSON.stringify(this.name(long, name))} can be made, at most 63 characters (or --routing virtual-service)`;
        return [problemOf(rule, path, message)];
      }),
    );
  }

  private taken(prefix: string) {
    const subsets = this.users.flatMap(subsetsOf);
    const ours = new Set(
      this.clusters.flatMap((cluster) => [
        nameWith(prefix, cluster),
        ...subsets.map(({ name }) => nameWith(prefix, cluster, name)),
      ]),
    );
    return subsets.filter(({ name }) => ours.has(name));
  }
}

function nameWith(prefix: string, cluster: string, version?: string): string {
  return prefix + (version === undefined ? cluster : `${version}-${cluster}`);
}
