import { Agent, request } from "node:http";
import { addressOf, canonicalHost } from "../../input/host.ts";
import { LiveError } from "../live-error.ts";
import { fieldsOf, itemsOf } from "../../input/loose.ts";
import { FormatError, parsePrometheus, type Series } from "./prometheus.ts";

/** The address of an admin interface, taken apart. */
export interface AdminAddress {
  /** As it was given; what messages name. */
  text: string;
  /** What requests go to: it ends without a slash. */
  base: string;
}

export interface AdminOptions {
  /** For each answer; default 5000. */
  timeoutMs?: number;
  /** Ends the asking before that. */
  signal?: AbortSignal;
  /** Whose connection the question takes; default one of its own. */
  agent?: Agent;
}

/**
 * Asks several questions over one connection, which is closed at their end: no later, as the next time another Envoy may
 * listen on the same port.
 */
export async function overOneConnection<T>(
  options: AdminOptions,
  ask: (options: AdminOptions) => Promise<T>,
): Promise<T> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    return await ask({ ...options, agent });
  } finally {
    agent.destroy();
  }
}

/**
 * `127.0.0.1:15000`, `http://127.0.0.1:15000`, `[::1]:15000`, or with a path, as `kubectl proxy` has it. Throws LiveError
 * for anything else, also for a host alone: port 80 is not what was meant.
 */
export function adminAddress(text: string): AdminAddress {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = parse(isUrl ? text : `http://${text}`);
  if (
    (!isUrl && !/:\d+(?:\/|$)/.test(text)) ||
    url?.protocol !== "http:" ||
    url.username !== "" ||
    url.search !== "" ||
    url.hash !== "" ||
    /\s/.test(text)
  )
    throw new LiveError(
      `found ${JSON.stringify(text)}, allowed: the address of an Envoy's admin interface, in plain HTTP and with its port, such as http://127.0.0.1:15000 or [::1]:15000`,
    );
  return { text, base: url.href.replace(/\/+$/, "") };
}

/** Whether two texts are the same admin interface, however its address is written. Throws LiveError for what is no address. */
export function isSameAdmin(a: string, b: string): boolean {
  return keyOfAdmin(a) === keyOfAdmin(b);
}

/** One text for all spellings of an admin interface's address. Throws LiveError for what is no address. */
export function keyOfAdmin(text: string): string {
  const { hostname, port, pathname } = new URL(adminAddress(text).base);
  return `${addressOf(canonicalHost(hostname), Number(port || 80))}${pathname}`;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

interface Answer {
  status: number;
  body: string;
}

/** Asks an admin interface. Throws LiveError, with the address in front, when there is no answer in time. */
function call(
  { text, base }: AdminAddress,
  path: string,
  { timeoutMs = 5000, signal, agent }: AdminOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new LiveError(`${text}: ${reasonOf(error, timeoutMs)}`));
    // Not AbortSignal.any of the two: Node 20 may collect one as garbage before its time is over, and nothing ends.
    const timeout = AbortSignal.timeout(timeoutMs);
    // Never Node's global agent: a connection that it keeps may be to an Envoy that has been restarted on the same port.
    const outgoing = request(`${base}${path}`, { agent: agent ?? false, signal: timeout }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", fail);
      incoming.once("end", () => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.once("error", fail);
    const end = () => outgoing.destroy(new Error("not asked to the end"));
    signal?.addEventListener("abort", end);
    outgoing.once("close", () => signal?.removeEventListener("abort", end));
    outgoing.end();
    if (signal?.aborted) end();
  });
}

/** The text of an answer. Throws LiveError when there is none in time, or one other than 200. */
export async function ask(address: AdminAddress, path: string, options: AdminOptions = {}): Promise<string> {
  return bodyOf(await call(address, path, options), address, path);
}

/** The same for what is JSON. */
export async function askJson(address: AdminAddress, path: string, options: AdminOptions): Promise<unknown> {
  return parseJson(await ask(address, path, options), address, path);
}

/** The entries of one kind in a dump of the configuration (`/config_dump?resource=`), endpoints included. */
export async function askDump(
  address: AdminAddress,
  resource: string,
  options: AdminOptions,
): Promise<unknown[]> {
  const path = `/config_dump?include_eds&resource=${resource}`;
  const answer = await call(address, path, options);
  // Of a kind that it has nothing of, Envoy says that there is no such thing.
  if (answer.status === 404) return [];
  return [...itemsOf(fieldsOf(parseJson(bodyOf(answer, address, path), address, path)).configs)];
}

/** The series whose own names in Envoy match: `filter` is a regular expression (RE2), and Envoy obeys it. */
export async function askPrometheus(
  address: AdminAddress,
  filter: string,
  options: AdminOptions,
): Promise<Series[]> {
  const path = `/stats/prometheus?filter=${encodeURIComponent(filter)}`;
  const text = await ask(address, path, options);
  try {
    return parsePrometheus(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new LiveError(
      `${address.text}: GET ${withoutQuery(path)} answered something that is not Prometheus' text format: ${error.message}`,
    );
  }
}

function bodyOf({ status, body }: Answer, { text }: AdminAddress, path: string): string {
  if (status === 200) return body;
  throw new LiveError(`${text}: GET ${withoutQuery(path)} answered ${status}${advice(status)}`);
}

function parseJson(body: string, { text }: AdminAddress, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new LiveError(
      `${text}: GET ${withoutQuery(path)} answered something that is not JSON: this is not an Envoy's admin interface`,
    );
  }
}

const withoutQuery = (path: string) => path.replace(/\?.*/, "");

const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there: is the proxy up, and its admin interface at this address?",
  ECONNRESET: "the connection was closed: this is not an Envoy's admin interface, or it went away",
  EHOSTUNREACH: "no route to this host",
  ENETUNREACH: "no route to this network",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name of the host cannot be looked up now",
  EACCES: "no permission to connect",
  EPERM: "no permission to connect",
};

function reasonOf(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error.name === "AbortError" || error.name === "TimeoutError" || error.code === "ABORT_ERR")
    return `no answer within ${timeoutMs / 1000} s`;
  const { code = "" } = error;
  if (code.startsWith("HPE_")) return "it answers, but not in HTTP: this is not an Envoy's admin interface";
  return REASONS[code] ?? (code === "" ? error.message : code);
}

function advice(status: number): string {
  if (status === 401 || status === 403) return ": no permission";
  return status === 404 ? ": this is not an Envoy's admin interface" : "";
}
