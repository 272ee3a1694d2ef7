import { request } from "node:http";
import { LiveError } from "../live-error.ts";

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
}

/**
 * `127.0.0.1:15000`, `http://127.0.0.1:15000`, `[::1]:15000`, or with a path, as `kubectl proxy` has it. Throws LiveError
 * for anything else.
 */
export function adminAddress(text: string): AdminAddress {
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (
    url?.protocol !== "http:" ||
    url.username !== "" ||
    url.search !== "" ||
    url.hash !== "" ||
    /\s/.test(text)
  )
    throw new LiveError(
      `found ${JSON.stringify(text)}, allowed: the address of an Envoy's admin interface, such as http://127.0.0.1:15000`,
    );
  return { text, base: url.href.replace(/\/+$/, "") };
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Asks an admin interface. Throws LiveError, with the address in front, when it does not answer 200 in time. */
export function ask(
  { text, base }: AdminAddress,
  path: string,
  { timeoutMs = 5000 }: AdminOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new LiveError(`${text}: ${reason}`));
    const signal = AbortSignal.timeout(timeoutMs);
    // Without an agent that keeps connections: one may be to an Envoy that has been restarted on the same port.
    const outgoing = request(`${base}${path}`, { agent: false, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", (error) => fail(reasonOf(error, timeoutMs)));
      incoming.once("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        if (incoming.statusCode === 200) resolve(body);
        else
          fail(
            `GET ${path.replace(/\?.*/, "")} answered ${incoming.statusCode ?? "nothing"}${advice(incoming.statusCode)}`,
          );
      });
    });
    outgoing.once("error", (error) => fail(reasonOf(error, timeoutMs)));
    outgoing.end();
  });
}

/** The same for what is JSON. */
export async function askJson(address: AdminAddress, path: string, options: AdminOptions): Promise<unknown> {
  const body = await ask(address, path, options);
  try {
    return JSON.parse(body);
  } catch {
    throw new LiveError(
      `${address.text}: GET ${path.replace(/\?.*/, "")} answered something that is not JSON: this is not an Envoy's admin interface`,
    );
  }
}

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

function advice(status: number | undefined): string {
  if (status === 401 || status === 403) return ": no permission";
  return status === 404 ? ": this is not an Envoy's admin interface" : "";
}
