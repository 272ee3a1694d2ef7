import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { HttpRequest } from "./http-client.ts";
import { acceptKey, encodeFrame, FrameReader, opcodes } from "./websocket-frames.ts";

/** An open WebSocket. */
export interface WebSocketConnection {
  /** Which backend answered the upgrade, and its cluster. */
  readonly backend: string;
  readonly cluster: string;
  /** Sends a text of up to 125 bytes and resolves with the next one that comes (5 s at most). */
  ask(text: string): Promise<string>;
  close(): void;
}

/** The key may be any 16 bytes; only the answer to it is looked at. */
const key = Buffer.from("cluster-local-ws").toString("base64");

/** Upgrades a connection to WebSocket. Throws, with the status, when the answer is not 101. */
export function openWebSocket(
  request: Pick<HttpRequest, "address" | "host" | "path"> & { headers?: Record<string, string> },
): Promise<WebSocketConnection> {
  const { address, host = address, path = "/", headers } = request;
  const [hostname, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      hostname,
      port,
      path,
      agent: false,
      signal: AbortSignal.timeout(5000),
      headers: {
        host,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": key,
        ...headers,
      },
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      response.resume();
      reject(new Error(`the upgrade was answered with ${response.statusCode}`));
    });
    outgoing.once("upgrade", (response, socket: Socket) => {
      if (response.headers["sec-websocket-accept"] !== acceptKey(key)) reject(new Error("wrong accept key"));
      const { "x-backend": backend, "x-backend-cluster": cluster } = response.headers;
      resolve({ backend: String(backend ?? ""), cluster: String(cluster ?? ""), ...conversation(socket) });
    });
    outgoing.end();
  });
}

function conversation(socket: Socket): Pick<WebSocketConnection, "ask" | "close"> {
  const reader = new FrameReader();
  socket.on("error", () => {}); // ask() reports what was lost
  return {
    ask(text) {
      return new Promise((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          socket.off("data", onData).off("close", onClose);
        };
        const onClose = () => {
          settle();
          reject(new Error("the WebSocket was closed"));
        };
        const onData = (chunk: Buffer) => {
          const message = reader.push(chunk).find(({ opcode }) => opcode === opcodes.text);
          if (!message) return;
          settle();
          resolve(message.payload.toString());
        };
        const timer = setTimeout(onClose, 5000);
        socket.on("data", onData).once("close", onClose);
        socket.write(encodeFrame(opcodes.text, Buffer.from(text), { masked: true }));
      });
    },
    close() {
      socket.end(encodeFrame(opcodes.close, Buffer.alloc(0), { masked: true }));
    },
  };
}
