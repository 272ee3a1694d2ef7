import type { Fields } from "../../input/loose.ts";
import { GROUP, POLICY_KINDS, VERSION, type PolicyKind } from "./names.ts";
import { specSchema } from "./spec.ts";

const text = (description: string) => ({ type: "string", description });
const whole = (description: string) => ({ type: "integer", format: "int64", description });

const CONDITION = {
  type: "object",
  required: ["type", "status", "reason", "message", "lastTransitionTime"],
  properties: {
    type: text(
      "Accepted, Programmed or Ready; Conflicted where another policy names the same; RolledOut where rules have a rollout.",
    ),
    status: { type: "string", enum: ["True", "False", "Unknown"] },
    reason: text("One word for programs."),
    message: text("What people want to know."),
    observedGeneration: whole("The generation of the policy that this is about."),
    lastTransitionTime: { type: "string", format: "date-time" },
  },
};

const SERVICE = {
  type: "object",
  required: ["service"],
  properties: {
    service: text("namespace/name"),
    mode: text("The rule's."),
    state: text("Held, Observed, LeftAlone, Waiting or NotHeld."),
    mechanism: text("What keeps its requests local: routes, endpoints, or both."),
    endpoints: {
      type: "object",
      description: "Ready endpoints by cluster, as far as they are known.",
      additionalProperties: { type: "integer" },
    },
    message: text("Why it is not held, and what would help."),
  },
};

const ROLLOUT = {
  type: "object",
  required: ["rule"],
  properties: {
    rule: whole("The rule's index."),
    of: text("A digest of the rule: another one begins anew."),
    step: whole("0: observing. n: the nth step. One more than there are: all requests."),
    state: text("Observing, Progressing, Complete or WentBack."),
    since: { type: "string", format: "date-time", description: "When this step began." },
    message: text("What it is for now, and what comes next."),
  },
};

const STATUS = {
  type: "object",
  description: "Whether it holds.",
  properties: {
    observedGeneration: whole("The generation of the policy that this is about."),
    summary: text("Services held, of those that its rules name: 12/14."),
    clusters: { type: "array", items: { type: "string" }, description: "The clusters of the mesh." },
    conditions: {
      ...{ type: "array", items: CONDITION },
      ...{ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] },
    },
    services: {
      ...{ type: "array", items: SERVICE, description: "The first 500, those with a message first." },
      "x-kubernetes-list-type": "atomic",
    },
    rollouts: {
      ...{ type: "array", items: ROLLOUT, description: "Where the rollouts of rules stand." },
      "x-kubernetes-list-type": "atomic",
    },
  },
};

const ready = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`;
const COLUMNS = [
  { name: "Ready", type: "string", jsonPath: ready("status") },
  {
    name: "Held",
    type: "string",
    jsonPath: ".status.summary",
    description: "Services held, of those named.",
  },
  { name: "Enabled", type: "boolean", jsonPath: ".spec.enabled" },
  { name: "Reason", type: "string", jsonPath: ready("reason") },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Message", type: "string", jsonPath: ready("message"), priority: 1 },
];

/** The CustomResourceDefinition of a kind. */
export function definition(kind: PolicyKind): Fields {
  const { plural, short, namespaced } = POLICY_KINDS[kind];
  const description = namespaced
    ? "Which services of this namespace keep their requests inside the caller's own cluster."
    : "Which services of the mesh keep their requests inside the caller's own cluster, and what holds for the whole mesh.";
  const schema = {
    type: "object",
    description,
    required: ["spec"],
    properties: { spec: specSchema(kind), status: STATUS },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [short] },
      versions: [
        {
          ...{ name: VERSION, served: true, storage: true },
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
        },
      ],
    },
  };
}

export function definitions(): Fields[] {
  return (Object.keys(POLICY_KINDS) as PolicyKind[]).map(definition);
}
