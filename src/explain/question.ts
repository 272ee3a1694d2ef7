import { didYouMean } from "../input/nearest.ts";
import { method as methodName, namespaceName } from "../policy/names.ts";
import type { Policy } from "../policy/policy.ts";

/** A request of which it is asked what becomes of it. */
export interface Question {
  /** The cluster that the caller runs in: one of the policy's `clusters`. */
  cluster: string;
  /** The caller, as its proxy's node metadata calls it. Needed where a rule has `callers`, and to complete short hosts. */
  caller?: { namespace: string; workload: string } | undefined;
  /** What the caller names: the Host header, or `:authority`. */
  host: string;
  /** With its query. Default: `/`. */
  path?: string | undefined;
  /** Default: `GET`. */
  method?: string | undefined;
  /** Other headers of the request, in order. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
}

/** A question that cannot be answered as it was put. */
export class QuestionError extends Error {
  override readonly name = "QuestionError";
  constructor(
    /** The field of the question. */
    readonly field: keyof Question,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

/** RFC 9110, section 5.1: a token, and the pseudo-headers of HTTP/2 are none. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;

/** Checks what can be known of a question without an inventory. Throws QuestionError. */
export function checkQuestion(question: Question, { clusters, rules, override }: Policy): void {
  const { cluster, caller, host, path, method, headers = [] } = question;
  if (!clusters.includes(cluster)) throw new QuestionError("cluster", unknownCluster(cluster, clusters));
  if (caller && !namespaceName.safeParse(caller.namespace).success)
    throw new QuestionError("caller", `found "${caller.namespace}/${caller.workload}", ${CALLER}`);
  if (!/^[!-~]+$/.test(host))
    throw new QuestionError("host", `found ${JSON.stringify(host)}, allowed: a host, with or without a port`);
  if (path !== undefined && !/^\/[!-~]*$/.test(path))
    throw new QuestionError("path", `found ${JSON.stringify(path)}, allowed: a path that begins with "/"`);
  if (method !== undefined && !methodName.safeParse(method).success)
    throw new QuestionError("method", `found ${JSON.stringify(method)}, allowed: a method in upper case`);
  for (const [name] of headers)
    if (!HEADER_NAME.test(name))
      throw new QuestionError("headers", `found the name ${JSON.stringify(name)}, allowed: a header's name`);
  if (caller) return;
  const needed = (why: string) =>
    new QuestionError("caller", `missing, allowed: "namespace/workload", ${why}`);
  const asking = rules.findIndex(({ callers }) => callers?.some((text) => text !== "*/*"));
  if (asking >= 0) throw needed(`for rules[${asking}].callers compares it`);
  if (override && headers.some(([name]) => name.toLowerCase() === override.header))
    throw needed("for override.from compares its namespace");
  const [label] = /^[^.:[\]]+(?=:\d+$|$)/.exec(host) ?? [];
  if (label !== undefined) throw needed(`whose namespace completes the short name ${JSON.stringify(label)}`);
}

const CALLER = 'allowed: "namespace/workload"';

/** `default/productpage-v1` taken apart. Throws QuestionError. */
export function parseCaller(text: string): NonNullable<Question["caller"]> {
  const [namespace, workload, more] = text.split("/");
  if (!namespace || !workload || more !== undefined)
    throw new QuestionError("caller", `found ${JSON.stringify(text)}, ${CALLER}`);
  return { namespace, workload };
}

/** `name: value` taken apart, as curl's -H has it. Throws QuestionError. */
export function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":", 1);
  if (colon < 0) throw new QuestionError("headers", `found ${JSON.stringify(text)}, allowed: "name: value"`);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

export function unknownCluster(cluster: string, clusters: readonly string[]): string {
  const hint = didYouMean(cluster, clusters);
  const allowed = clusters.slice(0, 20).join(", ") + (clusters.length > 20 ? ", ..." : "");
  return `found ${JSON.stringify(cluster)}, allowed: ${allowed}${hint === undefined ? "" : ` (${hint})`}`;
}
