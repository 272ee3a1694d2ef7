import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { envoyMesh, istioMesh, type ConsoleMesh } from "../../src/console/mesh.ts";
import { Session } from "../../src/console/session.ts";
import type { Events, LogEntry, Traffic } from "../../src/console/view.ts";
import { FileError, parseMesh, readInventory, writeFiles } from "../../src/index.ts";
import { rollOut } from "../support/generate.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

const POLICY =
  "version: 1\nenabled: false # not yet\nclusters: [m1c1, m1c2]\nrules:\n  - services: [default/reviews]\n    mode: strict\n";

let dir: string;
let mesh: TestMesh;
let file: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-console-"));
  file = join(dir, "policy.yaml");
  const services = [{ service: "default/reviews" }, { service: "default/details" }];
  mesh = await startMesh({
    policy: POLICY,
    // Else Envoy writes its access log every 10 s.
    args: ["--file-flush-interval-msec", "100"],
    clusters: [
      {
        id: "m1c1",
        services,
        // One tells its decisions in an access log, the other only counts.
        callers: [{ name: "page", accessLog: join(dir, "access.log") }, { name: "quiet" }],
      },
      { id: "m1c2", services },
    ],
  });
});
afterAll(async () => {
  await mesh.stop();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  writeFileSync(file, POLICY);
  await mesh.setPolicy(POLICY);
});

/** A session, and what it said. */
function open(meshOf: () => ConsoleMesh = () => plain()) {
  const session = new Session(file, meshOf());
  const told: { [Name in keyof Events]: Events[Name][] } = { traffic: [], policy: [], log: [] };
  const entries = new Map<number, LogEntry>();
  const send = <Name extends keyof Events>(name: Name, data: Events[Name]) => {
    (told[name] as Events[Name][]).push(data);
    if (name === "log") for (const entry of data as LogEntry[]) entries.set(entry.id, entry);
  };
  return { session, told, send, entries, last: () => told.traffic.at(-1) as Traffic };
}

function plain(apply?: () => string[]): ConsoleMesh {
  const parsed = parseMesh(mesh.inventory, "mesh.yaml");
  if (!parsed.ok) throw new Error("no mesh");
  return envoyMesh({
    mesh: parsed.value,
    source: parsed.source,
    admins: undefined,
    out: mesh.dir,
    generate: async (policy) => apply?.() ?? (await rollOut(mesh.dir, policy, mesh.inventory)),
  });
}

/** Waits until the log says that a change is live in every Envoy. */
const isLive = (entries: Map<number, LogEntry>) =>
  expect
    .poll(() => [...entries.values()].some(({ what }) => what === "The change is live"), { timeout: 6000 })
    .toBe(true);

const visit = (caller: string, host: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => mesh.caller(caller).send({ host, path: "/x" })));

test("decisions come from the access log where there is one, else from the counters", async () => {
  const { session, send, entries } = open();
  await session.tick(send);
  await session.set(
    session.policy().revision,
    { enabled: true, rule: { number: 0, mode: "strict", scope: ["default/reviews"] } },
    send,
  );
  await isLive(entries);
  for (const caller of ["m1c1/page", "m1c1/quiet"]) {
    await visit(caller, "reviews:9080", 20);
    await visit(caller, "details:9080", 20);
  }
  await expect
    .poll(
      async () => {
        await session.tick(send);
        return [...entries.values()].reduce(
          (sum, { count, kind }) => sum + (kind === "switch" || kind === "live" ? 0 : count),
          0,
        );
      },
      { timeout: 15_000, interval: 300 },
    )
    .toBe(80);
  const seen = [...entries.values()].map(({ what, kind, reason }) => `${kind}: ${what} (${reason})`).sort();
  expect(seen).toEqual([
    expect.stringMatching(/^live: The change is live \(in all 2 proxies that it changes, after 0\.\d\d s\)$/),
    "local: m1c1/page → GET details:9080: 200 (no rule names it: it stayed in m1c1)",
    "local: m1c1/page → GET reviews:9080: 200 (strict by default/reviews: kept in m1c1)",
    "local: m1c1/quiet → details (no rule names it: it stayed in m1c1)",
    "local: m1c1/quiet → reviews (strict by default/reviews: kept in m1c1)",
    "remote: m1c1/page → GET details:9080: 200 (no rule names it: it went to m1c2)",
    "remote: m1c1/quiet → details (no rule names it: it went to m1c2)",
    expect.stringMatching(
      /^switch: Retention on: strict, default\/reviews \(.*policy\.yaml was written, and the files of the Envoys\)/,
    ),
  ]);
});

test("a strict request without a local endpoint is no answer, with Envoy's reason", async () => {
  const reviews = mesh.endpoint("m1c1", "default/reviews");
  const { session, send, entries } = open();
  await session.tick(send);
  await session.set(
    session.policy().revision,
    { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } },
    send,
  );
  await isLive(entries);
  await reviews.stop();
  try {
    await mesh.waitForHealth(reviews, false);
    await visit("m1c1/page", "reviews:9080", 5);
    const failed = () => [...entries.values()].find(({ kind }) => kind === "none");
    await expect
      .poll(
        async () => {
          await session.tick(send);
          return failed();
        },
        { timeout: 15_000, interval: 300 },
      )
      .toMatchObject({
        count: 5,
        what: "m1c1/page → GET reviews:9080: 503 UH",
        reason: "strict by *: no endpoint in m1c1 answered, and no other may",
      });
  } finally {
    await reviews.start();
    await mesh.waitForHealth();
  }
});

test("the rates are those of the last seconds, and the boxes say who is healthy", async () => {
  const { session, send, last } = open();
  const before = performance.now();
  await session.tick(send);
  const first = performance.now();
  await visit("m1c1/quiet", "details:9080", 40);
  await sleep(1000);
  const second = performance.now();
  await session.tick(send);
  const [least, most] = [40_000 / (performance.now() - before), 40_000 / (second - first)];
  const arrows = last().arrows.filter(
    ({ proxy, service }) => proxy === "m1c1/quiet" && service === "default/details",
  );
  const sum = arrows.reduce((total, { requestsPerSecond }) => total + requestsPerSecond, 0);
  expect(sum).toBeGreaterThan(0.9 * least);
  expect(sum).toBeLessThan(1.1 * most);
  expect(
    last()
      .boxes.filter(({ kind }) => kind === "service")
      .every(({ endpoints, healthy }) => endpoints === 1 && healthy === 1),
  ).toBe(true);
  expect(last().boxes.find(({ id }) => id === "m1c1/default/quiet")?.kind).toBe("caller");
  expect(last().totals.localPerSecond + last().totals.remotePerSecond).toBeCloseTo(sum);
});

describe("the switch", () => {
  test("leaves everything as it was when the Envoys' files cannot be written", async () => {
    const { session, send } = open(() =>
      plain(() => {
        throw new FileError("write", "envoy", "no space left on the device");
      }),
    );
    const { revision } = session.policy();
    await expect(
      session.set(revision, { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } }, send),
    ).rejects.toThrow("no space left");
    expect(readFileSync(file, "utf8")).toBe(POLICY);
    expect(session.policy().enabled).toBe(false);
  });

  test("tells when an Envoy refuses what it gets", async () => {
    const path = "m1c1/quiet/cluster_local.yaml";
    const broken = () => {
      const text = readFileSync(join(mesh.dir, path), "utf8");
      writeFiles(mesh.dir, new Map([[path, text.replace(/(\\?"version\\?":\s*)1/, "$19")]]));
      return [path];
    };
    const { session, send, entries } = open(() => plain(broken));
    await session.set(
      session.policy().revision,
      { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } },
      send,
    );
    await expect
      .poll(() => [...entries.values()].find(({ kind }) => kind === "refused")?.reason, { timeout: 7000 })
      .toBe("m1c1/quiet refused it and goes on as before: see its log, or ask doctor");
  });

  test("refuses what the policy's schema or the inventory refuses, and what it did not see", async () => {
    const { session, send } = open();
    const { revision } = session.policy();
    writeFileSync(file, POLICY.replace("clusters: [m1c1, m1c2]", "clusters: [m1c2]"));
    await expect(
      session.set(revision, { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } }, send),
    ).rejects.toThrow("has changed meanwhile");
    await expect(
      session.set(
        session.policy().revision,
        { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } },
        send,
      ),
    ).rejects.toThrow(/mesh.yaml:\d+:\d+: CL0301: clusters\[0\]\.id: found "m1c1"/);
    rmSync(file);
    expect(session.policy().problems).toEqual([expect.stringContaining("no such file")]);
    await expect(
      session.set(revision, { enabled: true, rule: { number: 0, mode: "strict", scope: "all" } }, send),
    ).rejects.toThrow("no such file");
    writeFiles(dir, new Map([["policy.yaml", POLICY]]));
    expect(session.policy().problems).toEqual([]);
  });

  test("in an Istio mesh only writes the policy, and says so", async () => {
    const clusters = ["m1c1", "m1c2"];
    const folder = new URL("../../examples/istio-bookinfo/inventory/", import.meta.url);
    const files = ["istio.yaml", "m1c1.yaml", "m1c2.yaml"].map((name) => ({
      file: name,
      text: readFileSync(new URL(name, folder), "utf8"),
      cluster: clusters.find((id) => name.startsWith(id)),
    }));
    const { inventory } = readInventory(files, clusters, "cluster.local");
    const admins = [mesh.caller("m1c1/quiet").envoy.admin.address];
    const { session, send, last, entries } = open(() => istioMesh({ inventory, clusters, admins }));
    const before = readFileSync(mesh.caller("m1c1/quiet").ecds, "utf8");
    const view = await session.set(
      session.policy().revision,
      { enabled: true, rule: { number: 0, mode: "observe", scope: "all" } },
      send,
    );
    expect(readFileSync(file, "utf8")).toBe(
      POLICY.replace("enabled: false", "enabled: true")
        .replace("[default/reviews]", '["*"]')
        .replace("strict", "observe"),
    );
    expect(readFileSync(mesh.caller("m1c1/quiet").ecds, "utf8")).toBe(before);
    expect(view.effect).toMatchObject({
      live: false,
      text: expect.stringContaining("generate istio") as string,
    });
    expect([...entries.values()][0]?.reason).toContain("generate and apply it for the mesh");
    expect(view.services).toContain("default/reviews");
    await session.tick(send);
    await visit("m1c1/quiet", "reviews:9080", 4);
    await session.tick(send);
    // Without an inventory of callers, the proxy itself says who it is.
    expect(last().proxies).toEqual([
      expect.objectContaining({ id: "m1c1/default/quiet", namespace: "default", workload: "quiet" }),
    ]);
    expect(last().arrows.length).toBeGreaterThan(0);
    const { explanation } = session.explain({
      arrow: last().arrows.find(({ service }) => service === "default/reviews")!.id,
    });
    expect(explanation.decision).toBe("observe");
  });
});
