import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { measure } from "../../examples/bookinfo/demo/measure.ts";
import { arrow, startRig, type Rig } from "./rig.ts";

let rig: Rig;
/** The policy as the demo begins with it: off. */
let initial: string;

beforeAll(async () => {
  rig = await startRig();
  initial = rig.initial;
});
afterAll(() => rig.stop());

beforeEach(() => rig.reset());

const crossing = [
  ["productpage in m1c1", "reviews in m1c2"],
  ["productpage in m1c2", "reviews in m1c1"],
] as const;

test("the switch keeps requests at home: counted at the receivers, and seen on the page", async () => {
  const page = await rig.open();
  const toggle = page.getByRole("switch");
  expect(await toggle.getAttribute("aria-checked")).toBe("false");
  for (const [from, to] of crossing) {
    await expect.poll(() => arrow(page, from, to).getAttribute("data-idle"), { timeout: 8000 }).toBeNull();
  }
  const [one, two] = await measure(rig.bookinfo, 40);
  expect([one.v1 > 0, one.v2 > 0, two.v1 > 0, two.v2 > 0]).toEqual([true, true, true, true]);

  await toggle.click();
  await page.getByText("Retention is on").waitFor();
  expect(await toggle.getAttribute("aria-checked")).toBe("true");
  await expect
    .poll(async () => (await measure(rig.bookinfo, 10)).map(({ page, v1, v2 }) => (page === 1 ? v2 : v1)), {
      timeout: 5000,
    })
    .toEqual([0, 0]);
  const [home1, home2] = await measure(rig.bookinfo, 100);
  // The background's visits are counted, too.
  expect({ away: home1.v2, home: home1.v1 >= 100, ok: home1.ok }).toEqual({ away: 0, home: true, ok: 100 });
  expect({ away: home2.v1, home: home2.v2 >= 100, ok: home2.ok }).toEqual({ away: 0, home: true, ok: 100 });
  for (const [from, to] of crossing) {
    await expect.poll(() => arrow(page, from, to).getAttribute("data-idle"), { timeout: 8000 }).toBe("");
  }
  expect(await arrow(page, "productpage in m1c1", "reviews in m1c1").getAttribute("data-place")).toBe(
    "local",
  );
  expect(await page.locator("#leaks").textContent()).toBe("0");
  const log = page.locator("#log");
  await log.getByText("Retention on: strict, default/reviews").waitFor();
  await log.getByText(/^in all 3 proxies that it changes, after 0\.\d\d s$/).waitFor();
  await log.getByText("strict by default/reviews: kept in m1c1").waitFor();

  await toggle.click();
  await page.getByText("Retention is off").waitFor();
  for (const [from, to] of crossing) {
    await expect.poll(() => arrow(page, from, to).getAttribute("data-idle"), { timeout: 8000 }).toBeNull();
  }
  expect(rig.complaints).toEqual([]);
  await page.close();
});

test("turning it on changes one word of the file", async () => {
  const page = await rig.open();
  await page.getByRole("switch").click();
  await page.getByText("Retention is on").waitFor();
  expect(rig.policy()).toBe(initial.replace("enabled: false", "enabled: true"));
  await page.close();
});

test("scope and mode are a draft until they are applied, and shown as what they would write", async () => {
  const page = await rig.open();
  await page.getByRole("switch").click();
  await page.getByText("Retention is on").waitFor();
  const before = rig.policy();
  await page.getByLabel("All services").check();
  await page.getByLabel("Observe").check();
  await page.getByText("What Apply writes").click();
  await page.locator(".diff .added").first().waitFor();
  expect(await page.locator(".diff .added").allTextContents()).toEqual([
    '+   - services: ["*"]\n',
    "+     mode: observe\n",
  ]);
  expect(rig.policy()).toBe(before);

  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("Observes every service").waitFor();
  expect(rig.policy()).toBe(
    before.replace("[default/reviews]", '["*"]').replace("mode: strict", "mode: observe"),
  );
  const log = page.locator("#log");
  await log
    .getByText(/observe by \*: left alone, and it went to/)
    .first()
    .waitFor({ timeout: 10_000 });
  const [one, two] = await measure(rig.bookinfo, 40);
  expect([one.v1 > 0, one.v2 > 0, two.v1 > 0, two.v2 > 0]).toEqual([true, true, true, true]);
  await page.close();
});

test("services are chosen by namespace and name", async () => {
  const page = await rig.open();
  await page.getByLabel("details", { exact: true }).check();
  await page.getByLabel("Prefer").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(() => rig.policy())
    .toContain("- services: [default/reviews, default/details]\n    mode: prefer");
  await page.getByLabel("reviews", { exact: true }).uncheck();
  await page.getByLabel("details", { exact: true }).uncheck();
  await page.getByRole("switch").click();
  await page.getByRole("alert").getByText("no service is chosen").waitFor();
  expect(rig.policy()).toContain("enabled: false");
  await page.getByLabel("All of default").check();
  await page.getByRole("switch").click();
  await expect.poll(() => rig.policy()).toContain('- services: ["default/*"]\n    mode: prefer');
  await page.close();
});

describe("the file, edited elsewhere", () => {
  test("is shown as it is now", async () => {
    const page = await rig.open();
    rig.writePolicy(
      initial.replace("enabled: false", "enabled: true").replace("mode: strict", "mode: prefer"),
    );
    await page.getByText("Retention is on").waitFor();
    await expect.poll(() => page.getByLabel("Prefer").isChecked()).toBe(true);
    await page.close();
  });

  test("is not overwritten by who had not seen it", async () => {
    const rule = { number: 0, mode: "strict", scope: "all" };
    const body = { revision: "0123456789abcdef", enabled: true, rule };
    const response = await fetch(`${rig.origin}/api/switch`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-console-token": rig.token },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(409);
    expect(await response.text()).toContain("has changed meanwhile");
    expect(rig.policy()).toBe(initial);
  });

  test("and wrong, is told with its problems; once it is right again, all goes on", async () => {
    const page = await rig.open();
    rig.writePolicy(initial.replace("mode: strict", "mode: strickt"));
    await page.getByRole("alert").getByText('did you mean "strict"?').waitFor();
    expect(await page.getByRole("switch").isDisabled()).toBe(true);
    expect(await page.locator(".arrow:not([data-idle])").count()).toBeGreaterThan(0);
    rig.writePolicy(initial);
    await expect.poll(() => page.getByRole("switch").isEnabled(), { timeout: 5000 }).toBe(true);
    await page.close();
  });
});
