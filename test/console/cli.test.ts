import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startChild } from "../../envoy/children.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { cli } from "../support/cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let dir: string;
let given: Record<string, string>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-console-"));
  for (const name of ["policy.yaml", "mesh.yaml"])
    copyFileSync(join(root, "examples/bookinfo", name), join(dir, name));
  given = {
    policy: join(dir, "policy.yaml"),
    inventory: join(dir, "mesh.yaml"),
    out: join(dir, "envoy"),
    listen: "127.0.0.1:0",
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

const flags = (options: Record<string, string | undefined>) =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
const run = (changed: Record<string, string | undefined>) =>
  cli(["console", ...flags({ ...given, ...changed })]);

describe("the command refuses", () => {
  test.each([
    [{ policy: undefined }, "option --policy is missing"],
    [{ out: undefined }, "option --out is missing: where generate envoy writes for this inventory"],
    [{ listen: "7900" }, 'option --listen: found "7900", allowed: "address:port", such as 127.0.0.1:7900'],
    [{ listen: "127.0.0.1:77777" }, 'option --listen: found "127.0.0.1:77777"'],
    [
      { listen: "192.0.2.1:0" },
      "option --listen: cannot listen on 192.0.2.1:0: this machine does not have the address",
    ],
    [
      { admin: "ftp://x" },
      'option --admin: found "ftp://x", allowed: the address of an Envoy\'s admin interface',
    ],
  ])("%o", async (changed, message) => {
    const { code, err } = await run(changed);
    expect(code).toBe(2);
    expect(err[0]).toContain(`cluster-local console: ${message}`);
    expect(err[1]).toBe("Try: cluster-local console --help");
  });

  test("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, err } = await run({ listen });
    server.close();
    expect({ code, err: err[0] }).toEqual({
      code: 2,
      err: `cluster-local console: option --listen: cannot listen on ${listen}: the port is taken; port 0 finds a free one`,
    });
  });

  test("a mistyped option, with the nearest", async () => {
    const { code, err } = await cli(["console", "--lisen", "127.0.0.1:0"]);
    expect(code).toBe(2);
    expect(err[0]).toContain('(did you mean "--listen"?)');
  });

  test("an inventory that is wrong, with all its problems", async () => {
    writeFileSync(given.inventory!, readFileSync(given.inventory!, "utf8").replaceAll("9080", "90800"));
    const { code, err } = await run({});
    expect(code).toBe(1);
    expect(err[0]).toMatch(/^error CL0203: .* \(8\)$/);
    expect(err[1]).toMatch(
      /mesh\.yaml:\d+:\d+: clusters\[0\]\.services\[0\]\.port: found the number 90800, allowed: a port/,
    );
  });

  test("files that cannot be read, and prices that are wrong", async () => {
    expect(await run({ inventory: join(dir, "none.yaml") })).toMatchObject({
      code: 1,
      err: [`cannot read ${join(dir, "none.yaml")}: no such file or directory`],
    });
    const prices = join(dir, "prices.yaml");
    writeFileSync(prices, "version: 1\nperGb: 0.01\n");
    const { code, err } = await run({ prices });
    expect(code).toBe(1);
    expect(err.join("\n")).toContain("prices.yaml:2:1: perGb: unknown field");
  });

  test("for Kubernetes resources, --out, and none of the proxies' addresses", async () => {
    const inventory = join(root, "examples/istio-bookinfo/inventory");
    expect((await run({ inventory })).err[0]).toContain(
      "option --out is for a mesh.yaml: in an Istio mesh the page only writes the policy",
    );
    expect((await run({ inventory, out: undefined })).err[0]).toContain(
      "option --admin is missing: Kubernetes resources do not say",
    );
  });
});

test(
  "the built program serves the page, says where, warns beyond loopback, and ends with SIGTERM",
  { timeout: 30_000 },
  async () => {
    const program = join(root, "build/js/cli/main.js");
    const child = await startChild(
      process.execPath,
      [program, "console", ...flags({ ...given, listen: "0.0.0.0:0" })],
      { name: "the console" },
    );
    await waitUntil(() => child.log.length >= 3 || !child.running, { timeoutMs: 15_000 });
    const text = child.log.join("\n");
    expect(text).toMatch(/^The page is at http:\/\/0\.0\.0\.0:\d+\/#token=[-\w]{32}$/m);
    expect(text).toMatch(/^warning: it listens beyond this machine/m);
    const port = /0\.0\.0\.0:(\d+)/.exec(text)![1]!;
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<title>cluster-local</title>");
    for (const [name, type] of [
      ["main.js", "text/javascript"],
      ["base.css", "text/css"],
      ["icon.svg", "image/svg+xml"],
    ])
      expect((await fetch(`http://127.0.0.1:${port}/${name}`)).headers.get("content-type")).toContain(type);
    child.signal("SIGTERM");
    expect(await child.exited).toBe("exit code 0");
    // Nothing was asked for, so nothing was written.
    expect(() => readFileSync(join(dir, "envoy", "cluster-local.wasm"))).toThrow();
  },
);

test("the package has the page's files in it", () => {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  const index = readFileSync(join(root, "src/console/page/index.html"), "utf8");
  const named = [...index.matchAll(/(?:href|src)="([\w.]+)"/g)].map(
    ([, name]) => `src/console/page/${name!}`,
  );
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(paths).toContain(path);
  expect(paths).toContain("build/js/console/server.js");
});
