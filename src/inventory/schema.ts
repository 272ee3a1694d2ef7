import type { z } from "zod";
import {
  choice,
  exactlyOneOf,
  flag,
  list,
  object,
  someField,
  someOf,
  version,
  wholeNumber,
} from "../input/fields.ts";
import { clusterId, namespaceName, serviceName } from "../policy/names.ts";
import {
  accessLog,
  bind,
  circuitBreakers,
  endpoint,
  healthCheck,
  hostName,
  labels,
  name,
  outlierDetection,
  percentage,
  port,
  redirectCode,
  retries,
  timing,
  urlPath,
} from "./fields.ts";

/** One service as one cluster runs it. */
export const serviceEntry = object({
  service: serviceName.meta({ description: "namespace/name." }),
  port: port.meta({ description: "The port that callers use." }),
  protocol: choice(["http", "http2", "grpc"])
    .default("http")
    .meta({ description: "http: HTTP/1.1. http2 and grpc: HTTP/2 without TLS." }),
  healthCheck: healthCheck
    .optional()
    .meta({ description: "How Envoy checks the endpoints. Default: {tcp: true}." }),
  outlierDetection: outlierDetection.optional().meta({
    description: "What the file's outlierDetection says, otherwise for this service.",
  }),
  retries: retries.optional().meta({ description: "Default: none." }),
  circuitBreakers: circuitBreakers.optional().meta({
    description:
      "How much of the service one Envoy may use at a time. Default: Envoy's own, but for retries.",
  }),
  labels: labels.optional().meta({ description: "Metadata of the endpoints (envoy.lb), beside `cluster`." }),
  endpoints: list(endpoint, "endpoints").meta({
    description: "Where this cluster's copies listen; may be empty.",
  }),
});

const match = object({
  exact: urlPath.optional().meta({ description: "The whole path." }),
  prefix: urlPath.optional().meta({ description: "How the path begins." }),
}).check(exactlyOneOf("exact", "prefix"));

/** Which endpoints. */
const destination = {
  service: serviceName.meta({ description: "namespace/name." }),
  port: port.optional().meta({ description: "Needed when the service has several." }),
  cluster: clusterId.optional().meta({ description: "Only endpoints of this cluster." }),
};

const weighted = object({
  ...destination,
  weight: wholeNumber("a whole number from 0 to 10000", 0, 10_000).meta({
    description: "Its share, of the sum of all.",
  }),
});

const mirror = object({
  ...destination,
  percent: percentage.optional().meta({ description: "Of how many requests. Default: 100." }),
});

const redirect = object({
  path: urlPath.optional().meta({ description: "The new path. Default: the request's." }),
  host: hostName
    .optional()
    .meta({ description: "The new host, with a port if need be. Default: the request's." }),
  code: redirectCode.optional().meta({ description: "301, 302, 303, 307 or 308. Default: 301." }),
}).check(someField("path", "host"));

/** What a gateway does with what matches. */
export const route = object({
  match,
  rewrite: urlPath.optional().meta({ description: "Replaces the matched path or prefix." }),
  hostRewrite: hostName.optional().meta({ description: "Replaces the Host header." }),
  service: destination.service.optional(),
  port: destination.port,
  cluster: destination.cluster,
  weighted: someOf(weighted, "destinations").optional().meta({
    description: "Several services that share the requests. Retries are those of the first.",
  }),
  redirect: redirect.optional().meta({ description: "Answers with another address." }),
  mirror: mirror.optional().meta({
    description:
      "Gets a copy of each request; its answers are dropped. Of a service kept local, a local endpoint does.",
  }),
}).check(exactlyOneOf("service", "weighted", "redirect"));

/** An Envoy that callers send their requests through. */
export const callerEntry = object({
  name: name.meta({ description: "Unique within its cluster; the name of its folder." }),
  namespace: namespaceName.meta({
    description: "The caller's own namespace: short names are completed with it.",
  }),
  workload: name.optional().meta({ description: "Node metadata WORKLOAD_NAME. Default: the name." }),
  kind: choice(["sidecar", "gateway"]).default("sidecar").meta({
    description:
      "sidecar: reaches every service, by name, through the filter. gateway: reaches what its routes say.",
  }),
  listener: bind.meta({ description: "Where it takes requests." }),
  admin: bind.meta({ description: "Where Envoy's admin page is." }),
  accessLog: accessLog.optional().meta({
    description: "One line of JSON a request: true for the standard output, or the path of a file.",
  }),
  plugin: flag().optional().meta({ description: "Gateways only: true puts the filter there, too." }),
  routes: someOf(route, "routes").optional().meta({ description: "Gateways only; the first match wins." }),
});

export const clusterEntry = object({
  id: clusterId.meta({ description: "One of the policy's `clusters`." }),
  services: list(serviceEntry, "services").default([]),
  callers: list(callerEntry, "callers").default([]),
});

/** The inventory: what runs where. Its entries are checked against each other in check.ts. */
export const meshShape = object({
  version: version().meta({ description: "The version of this format." }),
  healthCheck: object(timing).default({}).meta({ description: "What services that say nothing else use." }),
  outlierDetection: outlierDetection.optional().meta({
    description: "For all services: endpoints that fail are taken out. Default: they are not.",
  }),
  clusters: someOf(clusterEntry, "clusters"),
});

export type MeshFile = z.output<typeof meshShape>;
export type ServiceEntry = z.output<typeof serviceEntry>;
export type CallerEntry = z.output<typeof callerEntry>;
export type Retries = z.output<typeof retries>;
export type CircuitBreakers = z.output<typeof circuitBreakers>;
export type RouteEntry = z.output<typeof route>;
