import type { z } from "zod";
import { text } from "../input/fields.ts";

/** The grammar of the names that people write; the filter's is the same (assembly/core/names.ts). */

/** A DNS label of 1 to 63 bytes (RFC 1123), in any case: a Kubernetes namespace or service. */
const LABEL = "[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?";
/** Labels of letters, digits, "-" and "_" (as service discovery uses), joined by single dots. */
const HOST = "[-_A-Za-z0-9]{1,63}(?:\\.[-_A-Za-z0-9]{1,63})*";
/** The longest host name (RFC 1035, section 2.3.4). */
export const MAX_HOST = 253;

export const clusterId = text(
  'a cluster id (1 to 253 printable ASCII characters without space, ",", ";" or "|", not "*")',
  /^(?!\*$)[!-+\--:<-{}~]{1,253}$/,
);

export const clusterDomain = text(
  "a DNS name such as cluster.local",
  new RegExp(`^(?=.{1,${MAX_HOST}}$)${HOST}$`),
);

/** What each kind of pattern looks like. */
export const PATTERNS = {
  services: new RegExp(`^(?:\\*|${LABEL}/(?:\\*|${LABEL}))$`),
  hosts: new RegExp(`^(?:\\*|(?:\\*\\.)?(?=.{1,${MAX_HOST}}$)${HOST})$`),
} as const;

export const servicePattern = text('"namespace/name", "namespace/*" or "*"', PATTERNS.services);

export const hostPattern = text('a host name, "*.suffix" or "*"', PATTERNS.hosts);

/** One service, without wildcards. */
export const serviceName = text('"namespace/name"', new RegExp(`^${LABEL}/${LABEL}$`));

export const namespaceName = text("a namespace (a DNS label)", new RegExp(`^${LABEL}$`));

/** A header that the filter owns: the prefix keeps it from taking one that means something to others. */
export const ownHeader = text('a header name that begins with "x-", in lower case', /^x-[-_a-z0-9]{1,126}$/);

/** A header that a request may be told apart by. */
export const headerName = text("a header name in lower case", /^[-_a-z0-9]{1,128}$/);

export const cookieName = text("a cookie name", /^[-_A-Za-z0-9]{1,128}$/);

/** RFC 9110, section 9.1; methods compare by case. */
export const method = text("a method in upper case", /^[-A-Z]{1,32}$/);

export const requestPath = text('a path that begins with "/", without query', /^\/[!"$->@-~]{0,1023}$/);

/** A label, a label's beginning and `*`, or `*`. */
const STARRED = `(?:\\*|(?=[^/]{1,64}(?:/|$))${LABEL}(?:-?\\*)?)`;
export const callerPattern = text(
  '"namespace/workload", each with a "*" at its end where any will do',
  new RegExp(`^${STARRED}/${STARRED}$`),
);

export const envoyClusterName = text(
  "the name of an Envoy cluster (1 to 512 printable ASCII characters, no dot and no underscore first)",
  /^(?![._])[!-~]{1,512}$/,
);

/** What an Envoy cluster's name may stand for. */
export const serviceOrHost = text(
  'a service "namespace/name" or a host',
  new RegExp(`^(?:${LABEL}/${LABEL}|(?=.{1,${MAX_HOST}}$)${HOST})$`),
);

export type ClusterId = z.infer<typeof clusterId>;
