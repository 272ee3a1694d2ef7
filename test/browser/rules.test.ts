import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { orThrow, parseMesh } from "../../src/index.ts";
import { arrow, startConsole, startRig, type Rig } from "./rig.ts";

/** Policies with more than one plain rule: what the page says of them, and which rule it changes. */

let rig: Rig;
let initial: string;

beforeAll(async () => {
  rig = await startRig();
  initial = rig.initial;
});
afterAll(() => rig.stop());
beforeEach(() => rig.reset());

const policy = (...rules: string[]) => `version: 1
enabled: true
clusters: [m1c1, m1c2]
rules:
${rules.map((rule) => `  - ${rule}\n`).join("")}`;

const PARTLY =
  "{services: [default/reviews], mode: strict, callers: [default/productpage-v1], methods: [GET]}";
const OBSERVE = '{services: ["default/*"], mode: observe}';
const OFF = '{services: [default/details], mode: "off"}';
const HOSTS = '{hosts: ["*.example.com"], mode: strict}';

describe("what the page says is on", () => {
  test.each([
    ["only observes", [OBSERVE], "Retention only observes", "Observes default/*: nothing is changed."],
    ["excludes", [OFF], "On, but nothing is kept", "default/details: left alone."],
    ["names hosts", [HOSTS], "Retention is on", "*.example.com: in the caller's cluster, or an error."],
    [
      "is for some requests",
      [PARTLY],
      "Retention is on",
      "default/reviews (callers default/productpage-v1; methods GET): in the caller's cluster, or an error.",
    ],
    [
      "is for no request",
      ["{services: [default/reviews], mode: strict, percent: 0}"],
      "On, but nothing is kept",
      "default/reviews (0% of them)",
    ],
    ["has several rules", [PARTLY, OBSERVE, OFF], "Retention is on", "3 rules, below"],
  ])("is so of a policy that %s", async (_, rules, title, words) => {
    const page = await rig.open();
    rig.writePolicy(policy(...rules));
    await page.getByText(title, { exact: true }).waitFor();
    await expect.poll(() => page.locator("#switch-note").textContent()).toContain(words);
    await page.close();
  });

  test("and can be switched off and on without a rule being touched", async () => {
    const page = await rig.open();
    const text = policy(HOSTS, OFF);
    rig.writePolicy(text);
    await page.getByText("2 rules, below").waitFor();
    const toggle = page.getByRole("switch");
    await toggle.click();
    await page.getByText("Retention is off").waitFor();
    expect(rig.policy()).toBe(text.replace("enabled: true", "enabled: false"));
    await toggle.click();
    await page.getByText("Retention is on").waitFor();
    expect(rig.policy()).toBe(text);
    await page.close();
  });
});

describe("the rule that is changed", () => {
  test("is the one that is shown; its conditions stay, and the others are listed with theirs", async () => {
    const page = await rig.open();
    const text = policy(PARTLY, OBSERVE, OFF);
    rig.writePolicy(text);
    const choice = page.getByLabel("Rule", { exact: true });
    await expect.poll(() => choice.inputValue()).toBe("1");
    const others = page.locator(".others");
    expect(await others.getByRole("listitem").allTextContents()).toEqual([
      "strict default/reviews callers default/productpage-v1; methods GET rules[0]",
      "off default/details rules[2], to be changed in the file",
    ]);
    await choice.selectOption({ label: (await choice.locator("option").first().textContent()) ?? "" });
    await page
      .getByText("Only for: callers default/productpage-v1; methods GET. That stays as it is.")
      .waitFor();
    await page.getByLabel("Prefer").check();
    expect(await choice.isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => rig.policy()).toBe(text.replace("mode: strict", "mode: prefer"));
    await expect.poll(() => choice.inputValue()).toBe("0");
    await page.close();
  });

  test("may be a new one", async () => {
    const page = await rig.open();
    rig.writePolicy(policy(PARTLY, OFF));
    await page.getByText("2 rules, below").waitFor();
    await page.getByLabel("Rule", { exact: true }).selectOption("new");
    // What another rule has for the same requests would be refused.
    expect(await page.getByRole("checkbox", { name: "details" }).isDisabled()).toBe(true);
    await page.getByLabel("ratings", { exact: true }).check();
    await page.getByRole("button", { name: "Apply" }).click();
    await expect
      .poll(() => rig.policy())
      .toContain(`${OFF}\n  - services: [default/ratings]\n    mode: strict\n`);
    await expect.poll(() => page.getByLabel("Rule", { exact: true }).inputValue()).toBe("2");
    await page.close();
  });

  test("is never another that took its place in the file meanwhile", async () => {
    const page = await rig.open();
    rig.writePolicy(policy(PARTLY, OBSERVE));
    await page.getByText("2 rules, below").waitFor();
    await page.getByLabel("Prefer").check();
    const moved = policy("{services: [default/ratings], mode: strict}", PARTLY, OBSERVE);
    rig.writePolicy(moved);
    await page.getByRole("alert").getByText("What was chosen here is dropped.").waitFor();
    expect(await page.getByRole("button", { name: "Discard" }).isDisabled()).toBe(true);
    expect(await page.getByLabel("Strict", { exact: true }).isChecked()).toBe(true);
    expect(rig.policy()).toBe(moved);
    await page.close();
  });
});

test("an override is told, and an arrow explains what a request may ask for", async () => {
  const page = await rig.open();
  await page.getByText("Retention is off").waitFor();
  const override = "override: {header: x-send-to, allow: [local, m1c2], from: [default]}\n";
  rig.writePolicy(policy('{services: ["*"], mode: strict}').replace("rules:", `${override}rules:`));
  await page
    .getByText("callers in default may ask for local, m1c2 by the header x-send-to goes before every rule")
    .waitFor();
  await arrow(page, "productpage in m1c1", "reviews in m1c1").focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("stays in m1c1").waitFor();
  await dialog.getByLabel("x-send-to").selectOption("m1c2");
  await dialog.getByRole("button", { name: "Ask" }).click();
  await dialog.getByText("goes to m1c2, as it asks itself").waitFor();
  expect(await dialog.getByLabel("x-send-to").inputValue()).toBe("m1c2");
  await page.close();
});

describe("what the proxies run", () => {
  test("is told where it is not what the file says, and can be written for them", async () => {
    const page = await rig.open();
    await page.getByText("All proxies with the filter run this.").waitFor();
    rig.writePolicy(initial.replace("enabled: false", "enabled: true"));
    await page.getByText("Retention is on").waitFor();
    const told = page.locator(".running[data-bad]");
    await told.getByText(/^The file says so, but (\d proxies|m1c\d\/.*) run another policy\./).waitFor();
    await page.getByRole("button", { name: "Write it for the proxies" }).click();
    await page.getByText("All proxies with the filter run this.").waitFor();
    expect(await told.count()).toBe(0);
    expect(await page.getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);
    await page.close();
  });

  test("is told in an Istio mesh, too, where the page only writes the file", async () => {
    const { policy, mesh: ours } = rig.bookinfo.files;
    const mesh = fileURLToPath(new URL("../../examples/istio-bookinfo/inventory", import.meta.url));
    const { admin } = orThrow(parseMesh(readFileSync(ours, "utf8"), ours)).callers[0]!;
    const { child, url } = await startConsole(
      { files: { policy, mesh } },
      "--admin",
      `${admin.host}:${admin.port}`,
    );
    const page = await rig.browser.newPage();
    await page.goto(url);
    await page.getByText("All proxies with the filter run this.").waitFor();
    await page.getByRole("switch").click();
    await page.getByText("Run generate istio and apply what it writes.").waitFor();
    expect(await page.getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);
    await page.close();
    await child.stop();
  });
});
