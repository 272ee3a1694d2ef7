import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { refuseApi, refuseHost, type Guard } from "./guard.ts";
import { Listeners } from "./listeners.ts";
import { HEADERS, type PageFile } from "./page-files.ts";
import { Refused } from "./refused.ts";
import { explainRequest, readRequest, setRequest } from "./requests.ts";
import type { Session } from "./session.ts";

export interface ConsoleOptions {
  session: Session;
  page: ReadonlyMap<string, PageFile>;
  /** A host name or IP address, and a port; 0 for a free one. */
  listen: { host: string; port: number };
  /** Between two looks at the proxies, in milliseconds; default 1000. */
  intervalMs?: number;
}

export interface Console {
  /** With the token, for the one who started it. */
  url: string;
  address: { host: string; port: number };
  token: string;
  close(): Promise<void>;
}

/** A request of the page is small. */
const MAX_BODY = 256 * 1024;

/** Starts the server. Rejects when it cannot listen. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { session, page, listen, intervalMs = 1000 } = options;
  const guard: Guard = { host: listen.host, port: listen.port, token: randomBytes(24).toString("base64url") };
  const listeners = new Listeners();
  const look = looking(session, listeners, intervalMs);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, response, { session, page, guard, listeners, look }).catch((error: unknown) =>
      fail(response, error),
    );
  });
  guard.port = await listenOn(server, listen);
  const shown = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${shown}:${guard.port}/#token=${guard.token}`,
    address: { host: listen.host, port: guard.port },
    token: guard.token,
    async close() {
      listeners.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** Looks at the proxies at a steady pace while a page is open: nobody else needs to know. Call it when one opens. */
function looking(session: Session, listeners: Listeners, intervalMs: number): () => void {
  let running = false;
  const look = async () => {
    while (listeners.count > 0) {
      const start = performance.now();
      await session.tick(listeners.send);
      const took = performance.now() - start;
      // Proxies with thousands of services take long to answer: they get at least twice that time for themselves.
      await sleep(Math.max(intervalMs - took, 2 * took), undefined, { ref: false });
    }
  };
  return () => {
    if (running) return;
    running = true;
    look()
      .catch((error: unknown) => console.error(error))
      .finally(() => (running = false));
  };
}

interface Parts {
  session: Session;
  page: ReadonlyMap<string, PageFile>;
  guard: Guard;
  listeners: Listeners;
  look: () => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { method = "GET", headers } = request;
  const path = (request.url ?? "/").split("?", 1)[0]!;
  const refusal =
    refuseHost(headers, parts.guard) ??
    (path.startsWith("/api/") ? refuseApi(method, headers, parts.guard) : undefined);
  if (refusal) {
    reply(response, refusal.status, { problems: [refusal.error] });
  } else if (`${method} ${path}` === "GET /api/events") {
    parts.session.greet(parts.listeners.add(response));
    parts.look();
  } else if (path.startsWith("/api/")) {
    reply(response, 200, await call(`${method} ${path}`, await bodyOf(request), parts));
  } else {
    const file = method === "GET" || method === "HEAD" ? parts.page.get(path) : undefined;
    if (!file) throw nothingAt(`${method} ${path}`);
    response.writeHead(200, { "content-type": file.type });
    response.end(method === "HEAD" ? undefined : file.content);
  }
}

/** What the page asks for, and what it gets. Rejects with Refused. */
async function call(name: string, body: string, { session, listeners }: Parts): Promise<unknown> {
  if (name === "POST /api/explain") return session.explain(readRequest(explainRequest, body));
  if (name !== "POST /api/preview" && name !== "POST /api/switch") throw nothingAt(name);
  const { revision, ...wanted } = readRequest(setRequest, body);
  if (name === "POST /api/preview") return session.preview(revision, wanted);
  return await session.set(revision, wanted, listeners.send);
}

function nothingAt(name: string): Refused {
  return new Refused(404, [`there is nothing at ${name}`]);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Refused(413, [`the body is longer than ${MAX_BODY} bytes`]);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else if (error instanceof Refused) reply(response, error.status, { problems: error.problems });
  else {
    console.error(error);
    reply(response, 500, { problems: ["something went wrong: see the console's output"] });
  }
}
