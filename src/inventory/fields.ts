import { isIP } from "node:net";
import { z } from "zod";
import { choice, distinct, object, someOf, text, wholeNumber } from "../input/fields.ts";

/** The small parts of the inventory's grammar. */

const HOST = "(?:\\[[0-9A-Fa-f:.]+\\]|[-_.A-Za-z0-9]+)";
const ADDRESS = new RegExp(`^(${HOST}):(\\d{1,5})$`);

/** A host, without the brackets of an IPv6 address, and a port from 1 to 65535. */
export interface Address {
  host: string;
  port: number;
}

/** Takes `127.0.0.1:80`, `[::1]:80` or `name:80` apart; undefined when it is none of these. */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text);
  if (!match) return undefined;
  const bracketed = match[1]!.startsWith("[");
  const host = match[1]!.replace(/^\[|\]$/g, "");
  const port = Number(match[2]);
  // Only digits and dots is meant as an IPv4 address; a resolver would never find such a name.
  const isHost = bracketed ? isIP(host) === 6 : isIP(host) === 4 || /[^\d.]/.test(host);
  return isHost && port >= 1 && port <= 65535 ? { host, port } : undefined;
}

const ENDPOINT = '"address:port" ("127.0.0.1:9080", "[::1]:9080" or "name:9080")';
const BIND = '"IP address:port" ("127.0.0.1:15001" or "[::1]:15001")';

/** Where a service listens: an IP address or a DNS name, and a port. */
export const endpoint = text(ENDPOINT, ADDRESS, (text) => parseAddress(text) !== undefined);

/** Where an Envoy listens: an IP address and a port. */
export const bind = text(BIND, ADDRESS, (text) => isIP(parseAddress(text)?.host ?? "") !== 0);

export const port = wholeNumber("a port (1 to 65535)", 1, 65535);

/** Seconds or milliseconds: `1s`, `0.5s`, `250ms`; at least a millisecond. */
export const duration = text(
  "a time of at least 1ms, such as 0.5s or 250ms",
  /^(?=.*[1-9])(?:\d{1,6}(?:\.\d{1,3})?s|\d{1,9}ms)$/,
);

export const percentage = wholeNumber("a whole number from 0 to 100", 0, 100);

/** When an endpoint is taken out for a while because of what it answers, as Envoy's outlier detection has it. */
export const outlierDetection = object({
  consecutive5xx: wholeNumber("a whole number from 1 to 1000", 1, 1000)
    .optional()
    .meta({ description: "So many failures in a row take an endpoint out. Default: 5." }),
  interval: duration
    .optional()
    .meta({ description: "How often it is looked whether one may come back. Default: 10s." }),
  baseEjectionTime: duration
    .optional()
    .meta({ description: "How long it stays out, times how often that happened. Default: 30s." }),
  maxEjectionPercent: percentage.optional().meta({
    description:
      "How much of a service may be out at once. Default: 100, so that all of a cluster can be, and its callers go on to the next one.",
  }),
});

/** Envoy's conditions of a retry (config.route.v3.RetryPolicy.retry_on), those of gRPC after those of HTTP. */
export const RETRY_ON = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "refused-stream",
  "retriable-4xx",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

/** What callers' Envoys try again. A request that was pinned stays so. */
export const retries = object({
  attempts: wholeNumber("a whole number from 1 to 100", 1, 100).meta({
    description: "How often a request is tried again.",
  }),
  retryOn: someOf(choice(RETRY_ON), "conditions")
    .check(distinct)
    .optional()
    .meta({ description: "After what. Default: connect-failure, refused-stream, unavailable." }),
  perTryTimeout: duration.optional().meta({ description: "How long a try may take. Default: no limit." }),
});

const ACCESS_LOG = 'true (standard output), false or the path of a file that begins with "/"';

const most = (what: string) =>
  wholeNumber("a whole number from 0 to 4294967295", 0, 4_294_967_295).optional().meta({ description: what });

/** How much of a service one Envoy may use at a time (envoy.config.cluster.v3.CircuitBreakers). */
export const circuitBreakers = object({
  maxConnections: most("Connections. Envoy's default: 1024."),
  maxPendingRequests: most("Requests that wait for a connection. Envoy's default: 1024."),
  maxRequests: most("Requests. Envoy's default: 1024."),
  maxRetries: most("Retries. Default: 1024 where the service has `retries`; Envoy's own is 3."),
});

/** Where a caller's access log goes; the path is one of where its Envoy runs. */
export const accessLog = z.union([z.boolean(), text(ACCESS_LOG, /^\/[^\p{Cc}]*$/u)], {
  error: () => ACCESS_LOG,
});

export const urlPath = text('a path that begins with "/"', /^\/[!-~]*$/);

export const hostName = text(
  'a host name, with or without a port ("shop.example", "shop.example:8080")',
  /^[-_A-Za-z0-9]{1,63}(?:\.[-_A-Za-z0-9]{1,63})*(?::\d{1,5})?$/,
);

const CODES = [301, 302, 303, 307, 308];
export const redirectCode = z.union(
  CODES.map((code) => z.literal(code)),
  { error: () => "301, 302, 303, 307 or 308" },
);

const threshold = wholeNumber("a whole number from 1 to 100", 1, 100);

/** How often and how long health is checked: fields of the file's `healthCheck` and of a service's. */
export const timing = {
  interval: duration.optional().meta({ description: "From one check to the next. Default: 1s." }),
  timeout: duration.optional().meta({ description: "How long a check may take. Default: 0.5s." }),
  unhealthyThreshold: threshold
    .optional()
    .meta({ description: "Failed checks until an endpoint is out. Default: 1." }),
  healthyThreshold: threshold.optional().meta({ description: "Good checks until it is back. Default: 1." }),
};

const only = (allowed: string) => z.literal(true, { error: () => allowed });

export const healthCheck = object({
  path: urlPath.optional().meta({ description: "GET this path and expect 200." }),
  tcp: only("true").optional().meta({ description: "Connect. The default." }),
  grpc: only("true").optional().meta({ description: "Call grpc.health.v1.Health/Check." }),
  ...timing,
}).check(
  z.superRefine(({ path, tcp, grpc }, context) => {
    if ([path, tcp, grpc].filter((kind) => kind !== undefined).length > 1) {
      context.addIssue({
        code: "custom",
        message: 'names more than one kind of check, allowed: one of "path", "tcp" and "grpc"',
      });
    }
  }),
);

export type HealthCheck = z.output<typeof healthCheck>;

/** A workload's or a caller's name: also the name of a folder. */
export const name = text(
  'a name (letters, digits, "-", "_" and ".", the first a letter or digit, 63 at most)',
  /^[A-Za-z0-9][-_.A-Za-z0-9]{0,62}$/,
);

/** Metadata of endpoints; `fallback_list` is what Envoy calls the failover order there. */
export const labels = z.record(z.string(), text("a text of 1 to 253 characters", /^.{1,253}$/), {
  error: () => "an object of texts",
});
