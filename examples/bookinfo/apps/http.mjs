/**
 * What the apps share: a server that counts, and calls to other services through the app's sidecar.
 *
 * Environment: PORT and HOST (default 127.0.0.1) to listen on; CONTROL_PORT for the counters; CLUSTER, the name
 * of the cluster that the app runs in; SIDECAR, host:port of its Envoy, for apps that call others.
 */
import { Agent, createServer, request } from "node:http";

const { PORT, HOST = "127.0.0.1", CONTROL_PORT, CLUSTER = "", SIDECAR } = process.env;

/** The cluster that this app runs in. */
export const cluster = CLUSTER;

/** An answer. `body` is sent as JSON unless it is a string. */
export const reply = (body, { status = 200, type, headers = {} } = {}) => ({ body, status, type, headers });

/** The answer to a path that there is nothing at. */
export const notFound = () => reply({ error: "not found" }, { status: 404 });

/**
 * Starts the app: `handle({method, path, headers, body})` returns or promises a `reply`. `GET /health` and
 * `GET /health/<service>` are answered here and not counted. With CONTROL_PORT, a second server there tells how many requests came, by
 * caller (the User-Agent) and path, at `/counts`.
 */
export function startApp(name, handle) {
  self = `${name}.${CLUSTER}`;
  const health = ["/health", `/health/${name.replace(/-v\d$/, "")}`];
  const counts = {};
  const server = createServer(async (incoming, outgoing) => {
    const { method, headers } = incoming;
    const path = new URL(incoming.url, "http://app").pathname;
    if (health.includes(path)) return send(outgoing, reply("ok\n"));
    const caller = headers["user-agent"] ?? "unknown";
    counts[caller] ??= {};
    counts[caller][path] = (counts[caller][path] ?? 0) + 1;
    let answer;
    try {
      answer = await handle({ method, path, headers, body: await textOf(incoming) });
    } catch (error) {
      console.error(error);
      answer = reply({ error: "internal error" }, { status: 500 });
    }
    send(outgoing, answer);
  });
  // Envoy keeps connections and may send on one at any time: closing idle ones here would lose requests.
  server.keepAliveTimeout = 0;
  server.listen(Number(PORT), HOST);
  endOnSigterm(server);
  if (CONTROL_PORT)
    createServer((_, outgoing) => send(outgoing, reply(counts))).listen(Number(CONTROL_PORT), HOST);
}

/**
 * Ends the process on SIGTERM once all requests have their answers, after 2 s at the latest. As the first process of a
 * container it would not be ended by that signal unless it asks for it.
 */
function endOnSigterm(server) {
  process.once("SIGTERM", () => {
    server.close(() => process.exit());
    setInterval(() => server.closeIdleConnections(), 20);
    setTimeout(() => process.exit(), 2000);
  });
}

let self = "unknown";
const agent = new Agent({ keepAlive: true });

/** GETs JSON from a service, through the sidecar. Throws when the answer is not 200, or not there in time. */
export function getJson(service, path, timeoutMs = 2000) {
  const [host, port] = SIDECAR.split(":");
  return new Promise((resolve, reject) => {
    const headers = { host: `${service}:9080`, "user-agent": self };
    const options = { host, port, path, headers, agent, signal: AbortSignal.timeout(timeoutMs) };
    const outgoing = request(options, async (incoming) => {
      try {
        const text = await textOf(incoming);
        if (incoming.statusCode !== 200)
          throw new Error(`${service} answered ${incoming.statusCode} ${text}`);
        resolve(JSON.parse(text));
      } catch (error) {
        reject(error);
      }
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return text;
}

function send(
  outgoing,
  { body, status, headers, type = typeof body === "string" ? "text/plain" : "application/json" },
) {
  outgoing.writeHead(status, { "content-type": `${type}; charset=utf-8`, ...headers });
  outgoing.end(typeof body === "string" ? body : `${JSON.stringify(body)}\n`);
}
