import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";

/** A question to which the answer depends on the caller names the option that is missing, and gives no answer. */
let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "cluster-local-incomplete-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function asked(policy: string, istio: string, ...args: string[]) {
  const lines: string[] = [];
  const io = { out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
  const files = { "policy.yaml": `version: 1\nclusters: [m1c1]\n${policy}`, "m1c1.yaml": SERVICE + istio };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const given = ["--policy", join(dir, "policy.yaml"), "--inventory", join(dir, "m1c1.yaml")];
  const code = await run(["explain", ...given, "--cluster", "m1c1", ...args], io);
  return { code, said: lines.join("\n") };
}

const STRICT = "rules: [{services: [default/reviews], mode: strict}]\n";
const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {ports: [{name: http, port: 80}]}
`;
const rule = (namespace: string, spec: string) => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: ${namespace}}
spec: {host: reviews.default.svc.cluster.local, ${spec}}
`;
const HOST = ["--host", "reviews.default"];

describe.each([
  ["a short name", STRICT, "", ["--host", "reviews"]],
  ["callers of a rule", STRICT.replace("}", ", callers: [default/page]}"), "", HOST],
  [
    "an override",
    `override: {header: x-to, allow: [any], from: [ops]}\n${STRICT}`,
    "",
    [...HOST, "-H", "x-to: any"],
  ],
  ["a workloadSelector", STRICT, rule("default", "workloadSelector: {matchLabels: {a: b}}"), HOST],
  ["an exportTo", STRICT, rule("default", 'exportTo: ["."]'), HOST],
  ["a DestinationRule of some callers' namespace", STRICT, rule("shop", "subsets: []"), HOST],
  [
    "a route of some callers' namespace",
    STRICT,
    `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: reviews, namespace: shop}
spec: {parentRefs: [{kind: Service, group: "", name: reviews, namespace: default}], rules: [{}]}
`,
    HOST,
  ],
  [
    "sourceLabels",
    STRICT,
    `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec: {hosts: [reviews], http: [{match: [{sourceLabels: {a: b}}], route: [{destination: {host: reviews}}]}]}
`,
    HOST,
  ],
] as const)("%s", (_, policy, istio, args) => {
  test("needs --caller, and there is no answer without", async () => {
    const { code, said } = await asked(policy, istio, ...args);
    expect(said).toMatch(/^cluster-local explain: option --caller: missing, allowed: "namespace\/workload"/);
    expect(code).toBe(2);
  });

  test("is answered with --caller", async () => {
    const { code, said } = await asked(policy, istio, ...args, "--caller", "default/page");
    expect(said).toMatch(/^GET reviews\.default\.svc\.cluster\.local from m1c1/);
    expect(code).toBe(0);
  });
});

test("without what depends on it, no caller is needed", async () => {
  const { code } = await asked(STRICT, rule("default", "subsets: []"), ...HOST);
  expect(code).toBe(0);
});
