/** One request that a backend got, health checks excepted. */
export interface Received {
  protocol: "http/1.1" | "h2" | "websocket";
  method: string;
  /** With the query, as it came. */
  path: string;
  /** The Host header or `:authority`. */
  authority: string;
  /** Who sent it, as the `x-source` header says; empty without one. */
  source: string;
  /** Names in lower case; repeated headers joined with `, `. Pseudo-headers are left out. */
  headers: Record<string, string>;
  /** `performance.now()` of its arrival. */
  at: number;
}

/** Which requests to count: all fields that are given must be equal, or match if a regular expression. */
export type ReceivedFilter = Partial<
  Record<"protocol" | "method" | "path" | "authority" | "source", string | RegExp>
>;

/** Whether a request passes a filter. */
export function matches(received: Received, filter: ReceivedFilter): boolean {
  return Object.entries(filter).every(([field, wanted]) => {
    const found = received[field as keyof ReceivedFilter];
    return typeof wanted === "string" ? found === wanted : wanted.test(found);
  });
}

/** A record of a request, from its headers as `node:http` or `node:http2` gives them. */
export function toReceived(
  protocol: Received["protocol"],
  method: string,
  path: string,
  rawHeaders: Record<string, string | string[] | number | undefined>,
): Received {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rawHeaders)) {
    if (name.startsWith(":") || value === undefined) continue;
    headers[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  const authority = String(rawHeaders[":authority"] ?? headers.host ?? "");
  return {
    protocol,
    method,
    path,
    authority,
    source: headers["x-source"] ?? "",
    headers,
    at: performance.now(),
  };
}
