import { fieldsOf, itemsOf, textOf } from "../../input/loose.ts";
import { titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import type { DestinationRules } from "../../istio/destination-rules.ts";
import type { Told } from "./envoy-filter/told-apart.ts";

/** Marks of those who write resources of the user's, and write them again. */
const MARKS: [owner: string, isMark: (key: string, value: string) => boolean][] = [
  ["Argo Rollouts", (key) => key === "argo-rollouts.argoproj.io/managed-by-rollouts"],
  [
    "Flagger",
    (key, value) =>
      key.startsWith("flagger.app/") || (key === "app.kubernetes.io/managed-by" && value === "flagger"),
  ],
  ["Knative", (key) => key.includes(".knative.dev/")],
  ["Argo CD", (key) => key === "argocd.argoproj.io/instance" || key === "argocd.argoproj.io/tracking-id"],
  [
    "Flux",
    (key) => key.startsWith("kustomize.toolkit.fluxcd.io/") || key.startsWith("helm.toolkit.fluxcd.io/"),
  ],
  [
    "Helm",
    (key, value) =>
      key === "meta.helm.sh/release-name" || (key === "app.kubernetes.io/managed-by" && value === "Helm"),
  ],
];
/** Kinds of the objects that own others. */
const KINDS: Record<string, string> = { Canary: "Flagger", Ingress: "Knative", Rollout: "Argo Rollouts" };

/** Those that change weights and labels all the time. */
const LIVE = ["Argo Rollouts", "Flagger", "Knative"];

/** Who owns a resource: Argo Rollouts, Flagger, Knative, Argo CD, Flux, Helm, or the kind and name of its controller. */
export function ownerOf({ labels, annotations, fields }: KubeObject): string | undefined {
  const marks = [...Object.entries(annotations), ...Object.entries(labels)];
  for (const [owner, isMark] of MARKS) if (marks.some(([key, value]) => isMark(key, value))) return owner;
  const [reference] = itemsOf(fieldsOf(fields.metadata).ownerReferences).map(fieldsOf);
  if (!reference) return undefined;
  const kind = textOf(reference.kind) ?? "";
  return KINDS[kind] ?? `${kind} ${textOf(reference.name) ?? ""}`;
}

/** Who sets the weights of a route as a rollout goes on: the owner of its VirtualService, or of a destination's subsets. */
export function ownedWeights({ route, legs }: Told, rules: DestinationRules): string | undefined {
  const objects = [...(route.object ? [route.object] : []), ...legs.flatMap(({ host }) => rules.for(host))];
  return objects.map(ownerOf).find((owner) => owner !== undefined && LIVE.includes(owner));
}

/** `Argo Rollouts (DestinationRule default/reviews)`. */
export function ownerLine(object: KubeObject): string {
  return `${titleOf(object)} (${ownerOf(object) ?? "no owner known"})`;
}
