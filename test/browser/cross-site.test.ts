import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startRig, type Rig } from "./rig.ts";

let rig: Rig;
let before: string;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());
beforeEach(() => (before = rig.policy()));

const rule = { number: 0, mode: "strict", scope: "all" };
const change = { enabled: true, rule };

interface Answer {
  status: number;
  body: string;
}

/** Sends a request as no browser would let a page do. */
function send(method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(rig.origin);
    const outgoing = request({ hostname, port, method, path, headers }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (part: string) => (text += part));
      incoming.on("end", () => resolve({ status: incoming.statusCode!, body: text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The page's own headers, which let a change through. */
const own = () => ({
  host: new URL(rig.origin).host,
  origin: rig.origin,
  "sec-fetch-site": "same-origin",
  "content-type": "application/json",
  "x-console-token": rig.token,
});

describe("a page of another site, in the browser", () => {
  test.each([
    [
      "a fetch with a JSON body",
      `fetch(URL, { method: "POST", headers: { "content-type": "application/json" }, body: BODY })`,
    ],
    [
      "a fetch that knows the key",
      `fetch(URL, { method: "POST", headers: { "content-type": "application/json", "x-console-token": KEY }, body: BODY })`,
    ],
    ["a fetch that needs no leave", `fetch(URL, { method: "POST", mode: "no-cors", body: BODY })`],
    [
      "a look at the traffic",
      `fetch(URL.replace("switch", "events"), { headers: { "x-console-token": KEY } })`,
    ],
  ])("%s changes and learns nothing", async (_, script) => {
    const site = createServer((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<p>another site"),
    );
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const page = await rig.browser.newPage();
    try {
      // Another name for this machine, and so another site.
      await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
      const facts = {
        URL: `${rig.origin}/api/switch`,
        KEY: rig.token,
        BODY: JSON.stringify({ revision: "x", ...change }),
      };
      const constants = Object.entries(facts).map(
        ([name, value]) => `const ${name} = ${JSON.stringify(value)};`,
      );
      const learnt = await page.evaluate<string>(
        `(async () => { ${constants.join("")} try { const answer = await ${script}; return await answer.text(); } catch (error) { return "refused: " + error.message; } })()`,
      );
      // What needs no leave is sent, but its answer is not shown.
      expect(learnt).toMatch(/^(refused: .*|)$/);
    } finally {
      await page.close();
      site.close();
    }
    expect(rig.policy()).toBe(before);
  });

  test("cannot put the page into a frame", async () => {
    const response = await fetch(rig.origin);
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });
});

describe("requests that are not the page's own", () => {
  test.each([
    ["without the key", { "x-console-token": "" }, 401, "the token is missing or wrong"],
    ["with another key", { "x-console-token": "x".repeat(32) }, 401, "the token is missing or wrong"],
    ["by a name that resolves to us (DNS rebinding)", { host: "evil.example:80" }, 403, "the Host header is"],
    [
      "by such a name with our port",
      { host: "evil.example:PORT", origin: "http://evil.example:PORT" },
      403,
      "the Host header is",
    ],
    ["from another origin", { origin: "http://evil.example" }, 403, "another origin"],
    ["from an opaque origin", { origin: "null" }, 403, "another origin"],
    ["from another site, as the browser says", { "sec-fetch-site": "cross-site" }, 403, "another site"],
    ["from another port of this machine", { "sec-fetch-site": "same-site" }, 403, "another site"],
    ["as a form would send them", { "content-type": "text/plain" }, 415, "application/json"],
  ])("%s are refused", async (_, headers, status, reason) => {
    const { port } = new URL(rig.origin);
    const sent = Object.fromEntries(
      Object.entries({ ...own(), ...headers }).map(([name, value]) => [name, value.replace("PORT", port)]),
    );
    const answer = await send("POST", "/api/switch", sent, JSON.stringify({ revision: "x", ...change }));
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(reason);
    expect(rig.policy()).toBe(before);
  });

  test("for the events need the key, too", async () => {
    expect((await send("GET", "/api/events", { host: own().host })).status).toBe(401);
  });

  test.each([
    "/../package.json",
    "/%2e%2e/package.json",
    "/page.css/../../server.ts",
    "/index.html/",
    "//etc/passwd",
  ])("for %s find nothing", async (path) => {
    expect((await send("GET", path, { host: own().host })).status).toBe(404);
  });

  test("by localhost and by address are the page's own", async () => {
    const { port } = new URL(rig.origin);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await send("GET", "/", { host })).status, host).toBe(200);
  });
});

test.each([
  ["{", "not JSON"],
  ['{"revision": "x"}', "enabled: missing, allowed: true or false"],
  [
    JSON.stringify({ revision: "x", ...change, rule: { ...rule, mode: "strickt" } }),
    'rule.mode: found "strickt", allowed: "strict", "prefer" or "observe"',
  ],
  [JSON.stringify({ revision: "x", ...change, rule: { ...rule, scope: ["default"] } }), "scope"],
  [JSON.stringify({ revision: "x", ...change, rule: { ...rule, number: -1 } }), "rule.number"],
  [JSON.stringify({ revision: "x", ...change, more: 1 }), "more: unknown field"],
])("a body that is wrong is told where: %s", async (body, reason) => {
  const answer = await send("POST", "/api/switch", own(), body);
  expect(answer.status).toBe(400);
  expect((JSON.parse(answer.body) as { problems: string[] }).problems.join("\n")).toContain(reason);
});

test("a body without end is cut off", async () => {
  const answer = await send("POST", "/api/switch", own(), " ".repeat(300_000)).catch(() => ({ status: 413 }));
  expect(answer.status).toBe(413);
});
