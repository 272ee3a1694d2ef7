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
  'a cluster id (1 to 253 printable ASCII characters without space, ",", ";" or "|")',
  /^[!-+\--:<-{}~]{1,253}$/,
);

export const clusterDomain = text(
  "a DNS name such as cluster.local",
  new RegExp(`^(?=.{1,${MAX_HOST}}$)${HOST}$`),
);

export const servicePattern = text(
  '"namespace/name", "namespace/*" or "*"',
  new RegExp(`^(?:\\*|${LABEL}/(?:\\*|${LABEL}))$`),
);

export const hostPattern = text(
  'a host name, "*.suffix" or "*"',
  new RegExp(`^(?:\\*|(?:\\*\\.)?(?=.{1,${MAX_HOST}}$)${HOST})$`),
);

/** One service, without wildcards. */
export const serviceName = text('"namespace/name"', new RegExp(`^${LABEL}/${LABEL}$`));

export const namespaceName = text("a namespace (a DNS label)", new RegExp(`^${LABEL}$`));

/** A header that the filter owns: the prefix keeps it from taking one that means something to others. */
export const ownHeader = text('a header name that begins with "x-", in lower case', /^x-[-_a-z0-9]{1,126}$/);

/** Part of a cluster name with `{placeholders}`. */
export const template = text("1 to 253 printable ASCII characters without space", /^[!-~]{1,253}$/);

export type ClusterId = z.infer<typeof clusterId>;
