import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { serve } from "./messages.ts";

/**
 * The upstream of every Envoy: answers any request with the same bytes, which name the cluster that the port stands for.
 * It reads no more of HTTP than the end of a head, since Envoy sends one request at a time and none has a body.
 */
async function listen(cluster: string): Promise<number> {
  const body = `${cluster}\n`.padStart(64, ".");
  const answer = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n` +
      `x-backend-cluster: ${cluster}\r\n\r\n${body}`,
  );
  const server = createServer({ noDelay: true }, (socket) => {
    let tail = "";
    socket.on("error", () => {}); // Envoy closed it
    socket.on("data", (chunk) => {
      tail += chunk.toString("latin1");
      if (!tail.endsWith("\r\n\r\n")) return;
      tail = "";
      socket.write(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

serve(async (clusters) =>
  Object.fromEntries(
    await Promise.all((clusters as string[]).map(async (id) => [id, await listen(id)] as const)),
  ),
);
