import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
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
    console.log(ports.join());
    process.stdin.resume();`;
  // A process gives its ports back when it ends: none does before all have theirs.
  const run = () =>
    spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  const children = [run(), run(), run()];
  const lines = await Promise.all(
    children.map(async ({ stdout }) => {
      const [line] = (await once(createInterface(stdout), "line")) as [string];
      return line;
    }),
  );
  children.forEach(({ stdin }) => stdin.end());
  const ports = lines.flatMap((line) => line.split(","));
  expect(ports.length).toBe(300);
  expect(new Set(ports).size).toBe(300);
});
