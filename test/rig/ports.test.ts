import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "../../envoy/ports.ts";

const portsModule = new URL("../../envoy/ports.ts", import.meta.url).href;

test("free ports are distinct, can be bound, and are below those of outgoing connections", async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, freePort));
  expect(new Set(ports).size).toBe(100);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(ports[99], "127.0.0.1", resolve));
  server.close();
});

test("several processes never get the same port", async () => {
  const script = `const { freePort } = await import(${JSON.stringify(portsModule)});
    const ports = []; for (let i = 0; i < 100; i++) ports.push(await freePort());
    console.log(ports.join());`;
  const run = () =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]);
  const outputs = await Promise.all([run(), run(), run()]);
  const ports = outputs.flatMap(({ stdout }) => stdout.trim().split(","));
  expect(ports.length).toBe(300);
  expect(new Set(ports).size).toBe(300);
});
