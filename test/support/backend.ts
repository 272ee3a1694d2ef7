import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { freePort } from "../../envoy/ports.ts";
import { createHttp1Server } from "./backend-http1.ts";
import { createHttp2Server } from "./backend-http2.ts";
import { matches, type Received, type ReceivedFilter } from "./received.ts";

/** What a backend answers. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Called by a protocol's server for each request; `answer` may be called later, or never. */
export type Handler = (received: Received, answer: (reply: Reply) => void) => void;

export interface BackendOptions {
  /** Answered as `x-backend`, and at the start of each WebSocket echo. */
  name: string;
  /** Answered as `x-backend-cluster`. */
  cluster: string;
  /** `http` (default): HTTP/1.1 and WebSocket. `http2` and `grpc`: HTTP/2 without TLS, plain and gRPC requests. */
  protocol?: "http" | "http2" | "grpc";
  /** Default: 127.0.0.1. */
  host?: string;
  /** Default: a free one. */
  port?: number;
  /** Changes the answer, which is 200 with the path as its body. */
  reply?: (received: Received) => Partial<Reply>;
}

/** A server in this process that writes down what it gets. */
export interface Backend {
  readonly name: string;
  readonly cluster: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  /** Every request since the start or the last `reset()`, in order; health checks are not among them. */
  readonly received: readonly Received[];
  /** How many health checks came (Envoy's, by user agent or gRPC service). */
  readonly healthChecks: number;
  /** How many of `received` pass the filter; without one, all. */
  count(filter?: ReceivedFilter): number;
  /** Forgets what was received. */
  reset(): void;
  /** Accepts and reads, but answers nothing, health checks neither, as a process that is stuck. */
  hang(): void;
  /** Answers again, first what came in the meantime. */
  resume(): void;
  /** Closes the port and every connection: the next gets "connection refused". */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** The same as `stop()`; `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a backend, on 127.0.0.1 where nothing else is said. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { name, cluster, protocol = "http", host = "127.0.0.1" } = options;
  const port = options.port ?? (await freePort());
  const received: Received[] = [];
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  let healthChecks = 0;
  let hanging = false;
  let server: Server | undefined;

  const handle: Handler = (request, answer) => {
    if (isHealthCheck(request)) healthChecks++;
    else received.push(request);
    const reply = () => {
      const { status = 200, headers = {}, body = request.path } = options.reply?.(request) ?? {};
      answer({ status, headers: { "x-backend": name, "x-backend-cluster": cluster, ...headers }, body });
    };
    if (hanging) held.push(reply);
    else reply();
  };

  const backend: Backend = {
    name,
    cluster,
    port,
    address: `${host}:${port}`,
    received,
    get healthChecks() {
      return healthChecks;
    },
    count: (filter = {}) => received.filter((request) => matches(request, filter)).length,
    reset: () => void (received.length = 0),
    hang: () => void (hanging = true),
    resume() {
      hanging = false;
      for (const reply of held.splice(0)) reply();
    },
    async start() {
      if (server) return;
      server = protocol === "http" ? createHttp1Server(handle) : createHttp2Server(handle);
      server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      server.listen(port, host);
      await once(server, "listening");
    },
    async stop() {
      if (!server) return;
      const closed = once(server, "close");
      server.close();
      server = undefined;
      held.length = 0;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    [Symbol.asyncDispose]: () => backend.stop(),
  };
  await backend.start();
  return backend;
}

function isHealthCheck({ headers, path }: Received): boolean {
  return headers["user-agent"] === "Envoy/HC" || path.startsWith("/grpc.health.v1.Health/");
}
