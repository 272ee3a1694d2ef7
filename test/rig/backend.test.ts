import { afterEach, describe, expect, test } from "vitest";
import { startBackend, type Backend, type BackendOptions } from "../support/backend.ts";
import { callGrpc, sendHttp2 } from "../support/grpc.ts";
import { keepAliveAgent, send } from "../support/http-client.ts";
import { openWebSocket } from "../support/websocket.ts";

const running: Backend[] = [];

async function start(options: Partial<BackendOptions> = {}): Promise<Backend> {
  const backend = await startBackend({ name: "reviews", cluster: "m1c1", ...options });
  running.push(backend);
  return backend;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
});

describe("a backend", () => {
  test("writes down what it got, repeated and upper-case headers too", async () => {
    const backend = await start();
    const answer = await send({
      address: backend.address,
      host: "reviews:9080",
      path: "/reviews/0?a=1",
      headers: [
        ["x-source", "productpage"],
        ["X-Region", "m1c1"],
        ["x-region", "m1c2"],
      ],
    });
    expect(answer).toMatchObject({
      status: 200,
      backend: "reviews",
      cluster: "m1c1",
      body: "/reviews/0?a=1",
    });
    expect(backend.received).toMatchObject([
      {
        protocol: "http/1.1",
        method: "GET",
        path: "/reviews/0?a=1",
        authority: "reviews:9080",
        source: "productpage",
      },
    ]);
    expect(backend.received[0]!.headers["x-region"]).toBe("m1c1, m1c2");
    expect(backend.count({ source: "productpage" })).toBe(1);
    expect(backend.count({ path: /^\/ratings/ })).toBe(0);
  });

  test("keeps health checks apart", async () => {
    const backend = await start();
    await send({ address: backend.address, path: "/health", headers: { "user-agent": "Envoy/HC" } });
    expect(backend.count()).toBe(0);
    expect(backend.healthChecks).toBe(1);
  });

  test("answers what its owner says", async () => {
    const backend = await start({
      reply: ({ path }) => (path === "/no" ? { status: 404, body: "none" } : {}),
    });
    expect(await send({ address: backend.address, path: "/no" })).toMatchObject({
      status: 404,
      body: "none",
    });
    expect(await send({ address: backend.address, path: "/yes" })).toMatchObject({
      status: 200,
      body: "/yes",
    });
  });

  test("that hangs accepts connections and answers none, until it is resumed", async () => {
    const backend = await start();
    backend.hang();
    await expect(send({ address: backend.address, timeoutMs: 100 })).rejects.toThrow(/aborted/);
    const late = send({ address: backend.address });
    await expect.poll(() => backend.count()).toBe(2);
    backend.resume();
    expect(await late).toMatchObject({ status: 200 });
  });

  test("that is stopped refuses connections, kept ones included, and comes back on its port", async () => {
    const backend = await start();
    const agent = keepAliveAgent();
    await send({ address: backend.address, agent });
    await backend.stop();
    await expect(send({ address: backend.address, agent })).rejects.toThrow(/socket hang up|ECONNREFUSED/);
    await expect(send({ address: backend.address })).rejects.toThrow(/ECONNREFUSED/);
    await backend.start();
    expect(await send({ address: backend.address, agent })).toMatchObject({ status: 200 });
    agent.destroy();
  });

  test("speaks WebSocket", async () => {
    const backend = await start();
    const socket = await openWebSocket({ address: backend.address, host: "reviews", path: "/live" });
    expect(socket).toMatchObject({ backend: "reviews", cluster: "m1c1" });
    expect(await socket.ask("hello")).toBe("reviews: hello");
    expect(await socket.ask("again")).toBe("reviews: again");
    socket.close();
    expect(backend.count({ protocol: "websocket", path: "/live" })).toBe(1);
  });

  test("speaks HTTP/2 and gRPC, with gRPC's health service", async () => {
    const backend = await start({ protocol: "grpc" });
    const { address } = backend;
    expect(await sendHttp2({ address, host: "echo:9000", path: "/plain" })).toMatchObject({ status: 200 });
    const answer = await callGrpc({ address, host: "echo:9000", path: "/demo.Echo/Say" });
    expect(answer).toMatchObject({ grpcStatus: 0, headers: { "x-backend-cluster": "m1c1" } });
    expect(answer.message.toString()).toBe("/demo.Echo/Say");
    const health = await callGrpc({ address, host: "echo", path: "/grpc.health.v1.Health/Check" });
    expect(health.message).toEqual(Buffer.from([8, 1]));
    expect(backend.received.map(({ protocol, path }) => `${protocol} ${path}`)).toEqual([
      "h2 /plain",
      "h2 /demo.Echo/Say",
    ]);
    await backend.stop();
    await expect(callGrpc({ address, host: "echo", path: "/demo.Echo/Say" })).rejects.toThrow(/ECONNREFUSED/);
  });

  test("that hangs answers no HTTP/2 request either", async () => {
    const backend = await start({ protocol: "http2" });
    backend.hang();
    const request = { address: backend.address, host: "echo", path: "/", timeoutMs: 100 };
    await expect(sendHttp2(request)).rejects.toThrow(/aborted/);
  });
});
