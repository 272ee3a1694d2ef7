import { Agent, request as httpRequest } from "node:http";

/** Headers in the order and the letters in which they are to be sent; a name may come more than once. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HttpRequest {
  /** Where to connect: `127.0.0.1:15001`. */
  address: string;
  /** The Host header; default: the address. */
  host?: string;
  path?: string;
  method?: string;
  headers?: HeaderList | Readonly<Record<string, string>>;
  body?: string;
  /** Connections to use; default: one that closes after the answer. See `keepAliveAgent()`. */
  agent?: Agent;
  /** Until the whole answer has come; default 5000. */
  timeoutMs?: number;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; repeated ones joined with `, `. */
  headers: Record<string, string>;
  body: string;
  /** From the call to the last byte. */
  ms: number;
  /** Which backend answered (its `x-backend` header), and its cluster; empty when none did. */
  backend: string;
  cluster: string;
}

/** Connections that are used again, at most `maxSockets` at a time; call `destroy()` at the end. */
export function keepAliveAgent(maxSockets = 16): Agent {
  return new Agent({ keepAlive: true, maxSockets });
}

/** Sends one HTTP/1.1 request. Any status is an answer; throws when there is none in time. */
export function send(request: HttpRequest): Promise<HttpResponse> {
  const { address, host = address, path = "/", method = "GET", headers = [], body = "" } = request;
  const { agent = false, timeoutMs = 5000 } = request;
  const rawHeaders = ["Host", host, ...(isList(headers) ? headers : Object.entries(headers)).flat()];
  if (body) rawHeaders.push("Content-Length", String(Buffer.byteLength(body)));
  const [hostname, port] = address.split(":");
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, path, method, agent, headers: rawHeaders, signal: AbortSignal.timeout(timeoutMs) },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.once("error", reject);
        incoming.once("end", () => {
          const answered = flatten(incoming.headers);
          resolve({
            status: incoming.statusCode!,
            headers: answered,
            body: text,
            ms: performance.now() - start,
            backend: answered["x-backend"] ?? "",
            cluster: answered["x-backend-cluster"] ?? "",
          });
        });
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function isList(headers: NonNullable<HttpRequest["headers"]>): headers is HeaderList {
  return Array.isArray(headers);
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value!]),
  );
}
