import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { serve, type Batch, type BatchResult } from "./messages.ts";

/** The request: what a service behind a sidecar typically sends, with tracing and identity headers. */
const request = Buffer.from(
  [
    "GET /reviews/0?user=jason HTTP/1.1",
    "host: reviews.default.svc.cluster.local:9080",
    "user-agent: python-requests/2.31.0",
    "accept: application/json",
    "accept-encoding: gzip, deflate",
    "x-request-id: 8f0e1c76-6f0c-4d0f-9d0f-2f5f0f3b7a11",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "end-user: jason",
    "cookie: session=eyJ1c2VyIjoiamFzb24ifQ.ZbPrGA.4c1Xo",
    "",
    "",
  ].join("\r\n"),
);

const connections = new Map<string, Socket>();

serve(async (batch): Promise<BatchResult> => {
  const { port, requests, connections: count } = batch as Batch;
  const sockets = await Promise.all(Array.from({ length: count }, (_, index) => connectionTo(port, index)));
  const times = new Float64Array(requests);
  const servedBy: Record<string, number> = {};
  let sent = 0;
  let done = 0;
  const start = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (sent < requests) {
        sent++;
        const at = performance.now();
        const cluster = await exchange(socket);
        times[done++] = (performance.now() - at) * 1000;
        servedBy[cluster] = (servedBy[cluster] ?? 0) + 1;
      }
    }),
  );
  const ms = performance.now() - start;
  times.sort();
  return { servedBy, p50: times[Math.floor(requests * 0.5)]!, p99: times[Math.floor(requests * 0.99)]!, ms };
});

/** Connections stay open from batch to batch. */
async function connectionTo(port: number, index: number): Promise<Socket> {
  const key = `${port} ${index}`;
  const known = connections.get(key);
  if (known) return known;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  connections.set(key, socket);
  await once(socket, "connect");
  return socket;
}

/** Sends the request and reads its response; the cluster that it names. */
function exchange(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (result: string | Error) => {
      socket.off("data", onData).off("close", onClose);
      if (typeof result === "string") resolve(result);
      else reject(result);
    };
    const onClose = () => finish(new Error("Envoy closed a connection"));
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = /\r\ncontent-length: (\d+)/.exec(text)?.[1];
      if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) {
        finish(new Error(`not an answer of the backend: ${text.slice(0, 300)}`));
      } else if (text.length >= head + 4 + Number(length)) {
        finish(/\r\nx-backend-cluster: (\S+)/.exec(text)?.[1] ?? "unknown");
      }
    };
    socket.on("data", onData).once("close", onClose);
    socket.write(request);
  });
}
