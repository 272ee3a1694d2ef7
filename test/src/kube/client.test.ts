import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { fromKubeconfig } from "../../../src/kube/access.ts";
import { Kube, KubeError } from "../../../src/kube/client.ts";
import { follow } from "../../../src/kube/follow.ts";

let server: Server;
const seen: string[] = [];
let kube: Kube;

/** A server that answers as the test says; `n` counts the requests of a path without its query. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, n: number) => void) {
  const counts = new Map<string, number>();
  server = createServer((request, response) => {
    const path = request.url!.split("?", 1)[0]!;
    const isWatch = request.url!.includes("watch=1");
    const key = isWatch ? `watch ${path}` : path;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    seen.push(`${request.method!} ${request.url!}`);
    answer(request, response, counts.get(key)!);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  kube = new Kube(await fromKubeconfig(kubeconfig(`http://127.0.0.1:${port}`, { token: "t" })));
}

function kubeconfig(url: string, user: object): string {
  return JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: url } }],
    users: [{ name: "u", user }],
  });
}

function json(response: ServerResponse, value: object, status = 200, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

afterEach(() => {
  kube.close();
  server.closeAllConnections();
  server.close();
  seen.length = 0;
});

it("tries again on 503 and 429, as late as Retry-After asks, and not on 403", async () => {
  await serve(({ url }, response, n) => {
    if (url === "/403") json(response, { message: "no", reason: "Forbidden" }, 403);
    else if (n === 1) json(response, {}, 503);
    else if (n === 2) json(response, { message: "slow" }, 429, { "retry-after": "1" });
    else json(response, { ok: n });
  });
  const started = performance.now();
  expect(await kube.request("GET", "/a")).toEqual({ ok: 3 });
  expect(performance.now() - started).toBeGreaterThan(1000);
  const refused = kube.request("GET", "/403");
  await expect(refused).rejects.toMatchObject({ status: 403, reason: "Forbidden", message: "no" });
  expect(seen).toHaveLength(4);
});

it("never sends a POST twice that may have been obeyed", async () => {
  await serve(({ socket }) => socket.destroy());
  await expect(kube.request("POST", "/a", { body: {} })).rejects.toBeInstanceOf(KubeError);
  expect(seen).toHaveLength(1);
});

it("gives a silent connection up, and asks again on another", async () => {
  await serve((_, response, n) => {
    if (n > 1) json(response, { ok: n });
  });
  expect(await kube.request("GET", "/a", { idleMs: 100 })).toEqual({ ok: 2 });
});

it("reads lists by pages, and from the beginning once when they expire", async () => {
  await serve(({ url }, response, n) => {
    const metadata = { resourceVersion: "7" };
    if (n === 2) json(response, { reason: "Expired" }, 410);
    else if (url!.includes("continue")) json(response, { metadata, items: [{ n }] });
    else json(response, { metadata: { ...metadata, continue: "more&" }, items: [{ n }] });
  });
  expect(await kube.list("/a")).toEqual({ items: [{ n: 3 }, { n: 4 }], version: "7" });
  expect(seen[1]).toBe("GET /a?limit=500&continue=more%26");
});

it("asks for new credentials once after a 401", async () => {
  await serve(({ headers }, response) =>
    headers.authorization === "Bearer 2" ? json(response, {}) : json(response, {}, 401),
  );
  let token = 1;
  const credentials = (renew = false) => Promise.resolve({ token: String(renew ? ++token : token) });
  kube = new Kube({ ...kube.access, credentials });
  expect(await kube.request("GET", "/a")).toEqual({});
  expect(seen).toHaveLength(2);
});

it("reads token files anew and runs exec plugins, but not those of a Secret", async () => {
  await serve((_, response) => json(response, {}));
  const credential = JSON.stringify({ status: { token: "of-exec" } });
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "echo", args: [credential] };
  const text = kubeconfig("https://x", { exec });
  expect(await (await fromKubeconfig(text, { folder: "/" })).credentials()).toMatchObject({
    token: "of-exec",
  });
  await expect(fromKubeconfig(text)).rejects.toThrow("allowed in files only");
  const file = await fromKubeconfig(kubeconfig("https://x", { tokenFile: "/proc/self/comm" }));
  await expect(file.credentials()).rejects.toThrow("tokenFile names a file, allowed in files only");
  await expect(fromKubeconfig("{current-context: b}")).rejects.toThrow('contexts has no entry "b"');
});

it("follows through a version that is too old, half a line, a lost and a silent connection", async () => {
  const event = (type: string, name: string, version: string) =>
    `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: version } } })}\n`;
  await serve(({ url }, response, n) => {
    if (!url!.includes("watch=1")) {
      json(response, { metadata: { resourceVersion: String(n * 10) }, items: [{ metadata: { name: "a" } }] });
      return;
    }
    response.writeHead(200);
    const line = event("ADDED", "b", "11");
    if (n === 1) {
      response.write(line.slice(0, 20));
      setTimeout(() => response.end(line.slice(20)), 20);
    } else if (n === 2) {
      response.write(event("BOOKMARK", "", "15"));
      setTimeout(() => response.destroy(), 20);
    } else if (n === 3) response.end(`${JSON.stringify({ type: "ERROR", object: { code: 410 } })}\n`);
    else if (n > 4) response.write(event("DELETED", "a", "30"));
  });
  const end = new AbortController();
  const told: string[] = [];
  const done = follow(
    kube,
    "/a",
    {
      replace: (items) => told.push(`all ${items.length}`),
      change: (type, { metadata }) => told.push(`${type} ${(metadata as { name: string }).name}`),
    },
    end.signal,
    // The fourth says nothing: it is given up after its end and the time of grace.
    { watchSeconds: 0 },
  );
  for (let i = 0; i < 300 && !told.includes("DELETED a"); i++) await sleep(50);
  end.abort();
  await done;
  expect(told.slice(0, 4)).toEqual(["all 1", "ADDED b", "all 1", "DELETED a"]);
  const versions = seen.flatMap((one) => /resourceVersion=(\d+)/.exec(one)?.[1] ?? []);
  expect(versions.slice(0, 4)).toEqual(["10", "11", "15", "20"]);
});
