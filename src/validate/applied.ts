import { fieldsOf, textOf } from "../input/loose.ts";
import type { Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { problemOf, titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { REVISION } from "../istio/revisions.ts";
import type { Policy } from "../policy/policy.ts";
import { driftOf, type Drift } from "../targets/istio/check.ts";
import { generateIstio } from "../targets/istio/index.ts";
import type { IstioOptions } from "../targets/istio/options.ts";

/** Where what is applied of ours is not what would be generated, by the routing with which it differs least. */
export function appliedOtherwise(
  policy: Policy,
  source: Source,
  inventory: Inventory,
  options: IstioOptions,
  routings: readonly IstioOptions["routing"][],
): Problem[] {
  const { ours } = inventory;
  if (ours.length === 0 || policy.clusters.length === 0) return [];
  let fewest: Drift[] | undefined;
  for (const routing of routings) {
    const { resources } = generateIstio(policy, inventory, { ...options, ...filterIn(ours), routing });
    const drifts = driftOf(resources, ours);
    if (!fewest || drifts.length < fewest.length) fewest = drifts;
    if (drifts.length === 0) return [];
  }
  const byTitle = new Map(ours.map((one) => [titleOf(one), one]));
  return (fewest ?? []).map(({ title, drift }) => {
    const object = byTitle.get(title);
    if (object) return problemOf("CL0706", object, "", WORDS[drift]);
    return source.problem({ code: "CL0706", path: [], message: `${title}: ${WORDS[drift]}` });
  });
}

const WORDS: Record<Drift["drift"], string> = {
  missing: "not applied, and would be generated",
  differs: "applied otherwise than it would be generated now",
  "not needed": "applied, and no longer needed",
};

/** The options by which the filter that is applied was generated. */
function filterIn(ours: readonly KubeObject[]): Partial<IstioOptions> {
  const revision = ours.find(({ labels }) => labels[REVISION] !== undefined)?.labels[REVISION];
  const plugin = ours.find(({ kind }) => kind === "WasmPlugin" || kind === "TrafficExtension");
  const of = { ...(revision !== undefined && { revision }) };
  if (!plugin) return { ...of, image: undefined };
  const { url, sha256, failStrategy } =
    plugin.kind === "WasmPlugin" ? plugin.spec : fieldsOf(plugin.spec.wasm);
  return {
    ...of,
    ...{ image: textOf(url), sha256: textOf(sha256), failClosed: failStrategy === "FAIL_CLOSE" },
    pluginApi: plugin.kind === "WasmPlugin" ? "wasmplugin" : "trafficextension",
  };
}
