import { createServer } from "node:http";
import type { Server, Socket } from "node:net";
import type { Handler } from "./backend.ts";
import { toReceived } from "./received.ts";
import { acceptKey, encodeFrame, FrameReader, opcodes } from "./websocket-frames.ts";

/** More than Envoy passes on, which is what is tested; Node's own limit is 16 KiB. */
const LIMITS = { maxHeaderSize: 128 * 1024 };

/** HTTP/1.1, and WebSocket connections that echo text messages as `<backend>: <text>`. */
export function createHttp1Server(handle: Handler): Server {
  const server = createServer(LIMITS, (request, response) => {
    request.resume();
    request.once("end", () => {
      handle(toReceived("http/1.1", request.method!, request.url!, request.headers), (reply) => {
        response.writeHead(reply.status, reply.headers).end(reply.body);
      });
    });
  });
  // Envoy keeps connections for later requests; closing an idle one here would race with the next request on it.
  server.keepAliveTimeout = 0;
  server.on("upgrade", (request, socket: Socket) => {
    handle(toReceived("websocket", request.method!, request.url!, request.headers), ({ headers }) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
          `sec-websocket-accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}\r\n${lines.join("")}\r\n`,
      );
      echo(socket, headers["x-backend"]!);
    });
  });
  return server;
}

function echo(socket: Socket, name: string): void {
  const reader = new FrameReader();
  socket.on("error", () => {}); // the client went away
  socket.on("data", (chunk: Buffer) => {
    for (const { opcode, payload } of reader.push(chunk)) {
      if (opcode === opcodes.text)
        socket.write(encodeFrame(opcodes.text, Buffer.from(`${name}: ${payload.toString()}`)));
      if (opcode === opcodes.close) socket.end(encodeFrame(opcodes.close, payload));
    }
  });
}
