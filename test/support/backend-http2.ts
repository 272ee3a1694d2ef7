import { createServer, type ServerHttp2Stream } from "node:http2";
import type { Server } from "node:net";
import type { Handler, Reply } from "./backend.ts";
import { encodeMessage } from "./grpc.ts";
import { toReceived } from "./received.ts";

/** The HealthCheckResponse `{status: SERVING}` of grpc.health.v1. */
const serving = Buffer.from([0x08, 0x01]);

/** HTTP/2 without TLS. A gRPC request is answered with the reply's body as its message and status OK. */
export function createHttp2Server(handle: Handler): Server {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const received = toReceived("h2", headers[":method"]!, headers[":path"]!, headers);
    const isGrpc = received.headers["content-type"]?.startsWith("application/grpc") ?? false;
    stream.on("error", () => {}); // the client went away
    stream.resume();
    stream.once("end", () => {
      handle(received, (reply) => {
        if (stream.destroyed) return;
        if (isGrpc) answerGrpc(stream, received.path, reply);
        else answer(stream, reply);
      });
    });
  });
  return server;
}

function answer(stream: ServerHttp2Stream, reply: Reply): void {
  stream.respond({ ":status": reply.status, ...reply.headers });
  stream.end(reply.body);
}

function answerGrpc(stream: ServerHttp2Stream, path: string, reply: Reply): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", ...reply.headers },
    { waitForTrailers: true },
  );
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  const isHealthCheck = path.startsWith("/grpc.health.v1.Health/");
  stream.end(encodeMessage(isHealthCheck ? serving : Buffer.from(reply.body)));
}
