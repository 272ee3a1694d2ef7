import { createServer, type Server } from "node:http";

/** What a kubelet and Prometheus ask for. */
export function serve(
  { host, port }: { host: string; port: number },
  answers: { healthy: () => boolean; ready: () => boolean; metrics: () => string },
): Promise<Server> {
  const server = createServer(({ url }, response) => {
    const say = (status: number, text: string) =>
      response.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(text);
    const check = (ok: boolean) => say(ok ? 200 : 503, ok ? "ok\n" : "not yet\n");
    if (url === "/healthz") check(answers.healthy());
    else if (url === "/readyz") check(answers.ready());
    else if (url === "/metrics") say(200, answers.metrics());
    else say(404, "allowed: /healthz, /readyz, /metrics\n");
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}
