import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Who may talk to the server. */
export interface Guard {
  /** What it listens on, as given: a host name or an IP address, and the port. */
  host: string;
  port: number;
  /** What every request of the page beside its files must carry in `x-console-token`. */
  token: string;
}

export const TOKEN_HEADER = "x-console-token";

/** Why a request is refused; undefined when it is not. */
export interface Refusal {
  status: 401 | 403 | 415;
  error: string;
}

/**
 * Checks that a request was addressed to us: a page of another site that has its name resolve to our address (DNS
 * rebinding) still sends its own name as the Host. Addresses cannot be rebound, so each with our port will do.
 */
export function refuseHost({ host }: IncomingHttpHeaders, guard: Guard): Refusal | undefined {
  const url = host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  const name = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const ours = name === "localhost" || isIP(name) !== 0 || name === guard.host.toLowerCase();
  if (ours && url && Number(url.port || 80) === guard.port && url.host === host?.toLowerCase())
    return undefined;
  return {
    status: 403,
    error: `the Host header is ${JSON.stringify(host ?? "")}, allowed: localhost, an IP address or ${guard.host}, with port ${guard.port}`,
  };
}

/** Checks that a request of the API comes from the page itself, and from somebody who knows the token. */
export function refuseApi(method: string, headers: IncomingHttpHeaders, guard: Guard): Refusal | undefined {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin")
    return { status: 403, error: `a request from another site (Sec-Fetch-Site: ${site})` };
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ""}`)
    return { status: 403, error: `a request from another origin (${headers.origin})` };
  if (method === "POST" && headers["content-type"]?.split(";", 1)[0]?.trim() !== "application/json")
    return { status: 415, error: "the body must be application/json" };
  if (!isSame(headers[TOKEN_HEADER], guard.token))
    return { status: 401, error: "the token is missing or wrong: open the address that the command printed" };
  return undefined;
}

function isSame(found: string | string[] | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(String(found)), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
