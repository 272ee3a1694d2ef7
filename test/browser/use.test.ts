import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slowdown } from "../support/machine.ts";
import { arrow, startConsole, startRig, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.bookinfo.setRetention(true);
});
afterAll(() => rig.stop());

/** What has the focus: its role or tag, and its name. */
const focused = (page: Page) =>
  page.evaluate<{ role: string; class: string | null; name: string }>(`(() => {
    const at = document.activeElement;
    const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
    return { role: at.getAttribute("role") ?? at.localName, class: at.getAttribute("class"), name: name.trim() };
  })()`);

/** Whether what has the focus shows it, by an outline or, as arrows do, by a halo. */
const showsFocus = (page: Page) =>
  page.evaluate<boolean>(`(() => {
    const at = document.activeElement;
    const marked = at.matches(".segment input") ? at.nextElementSibling : at;
    const halo = at.querySelector(":scope > .halo");
    return halo ? getComputedStyle(halo).stroke !== "none" : parseFloat(getComputedStyle(marked).outlineWidth) >= 2;
  })()`);

/** Presses Tab until that has the focus; everything on the way must show its own. */
async function tabTo(page: Page, wanted: { role: string; name?: RegExp }): Promise<number> {
  for (let presses = 1; presses <= 60; presses++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    expect({ ...at, shown: await showsFocus(page) }).toEqual({ ...at, shown: true });
    if (at.role === wanted.role && (wanted.name ?? /(?:)/).test(at.name)) return presses;
  }
  throw new Error(`60 times Tab did not lead to ${JSON.stringify(wanted)}`);
}

describe("by keyboard alone", () => {
  test("the switch, the scope, an arrow and its explanation", async () => {
    const page = await rig.open();
    await tabTo(page, { role: "a", name: /Skip to the switch/ });
    await page.keyboard.press("Enter");
    await tabTo(page, { role: "switch" });
    await page.keyboard.press("Space");
    await page.getByText("Retention is off").waitFor();
    await page.keyboard.press("Space");
    await page.getByText("Retention is on").waitFor();
    expect((await focused(page)).role).toBe("switch");

    await tabTo(page, { role: "input", name: /Chosen services/ });
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByLabel("All services").isChecked()).toBe(true);
    await page.keyboard.press("ArrowRight");
    await tabTo(page, { role: "input", name: /details/ });
    await page.keyboard.press("Space");
    expect(await focused(page)).toMatchObject({ role: "input", name: "details" });
    await tabTo(page, { role: "button", name: /Discard/ });
    await page.keyboard.press("Enter");
    expect(await page.getByLabel("details", { exact: true }).isChecked()).toBe(false);
    await page.close();
  });

  test("Enter on an arrow explains it, Escape leads back to it", async () => {
    const page = await rig.open();
    await tabTo(page, { role: "button", name: /^productpage in m1c1 to reviews in m1c1/ });
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("stays in m1c1").waitFor();
    expect((await focused(page)).name).toBe("Close");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await expect
      .poll(async () => (await focused(page)).name)
      .toMatch(/^productpage in m1c1 to reviews in m1c1/);
    // The picture goes on under it, and the focus stays.
    await page.waitForTimeout(2200);
    expect((await focused(page)).name).toMatch(/^productpage in m1c1 to reviews in m1c1/);
    await page.close();
  });
});

describe("an explanation", () => {
  test("opens with a click on an arrow, and says what the filter does", async () => {
    const page = await rig.open();
    const { x, y, width, height } = (await arrow(page, "productpage in m1c1", "details in m1c1")
      .locator(".stroke")
      .boundingBox())!;
    await page.mouse.click(x + width / 2, y + height / 2);
    const dialog = page.getByRole("dialog");
    await dialog.getByText("no rule takes it").first().waitFor();
    await page.keyboard.press("Escape");

    await arrow(page, "productpage in m1c2", "reviews in m1c2").focus();
    await page.keyboard.press("Enter");
    await dialog.getByText("stays in m1c2").waitFor();
    expect(await dialog.locator(".badge").textContent()).toBe("strict");
    expect(await dialog.locator(".endpoints.allowed li").allTextContents()).toEqual([
      expect.stringMatching(/^m1c2 .* v2/),
    ]);
    expect(await dialog.locator(".endpoints.excluded li").allTextContents()).toEqual([
      expect.stringMatching(/^m1c1 .*pinned to m1c2/),
    ]);
    expect(await dialog.locator(".considered .won").textContent()).toContain("default/reviews");
    expect(await dialog.locator("dl").textContent()).toMatch(/Pin\s*m1c2/);
    await page.close();
  });

  test("asks about another path and method", async () => {
    const page = await rig.open();
    await arrow(page, "gateway in m1c1", "productpage in m1c2").focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Path").waitFor();
    expect(await dialog.getByLabel("Path").inputValue()).toBe("/productpage2");
    await dialog.getByLabel("Path").fill("/productpage1");
    await dialog.getByRole("button", { name: "Ask" }).click();
    await expect
      .poll(() => dialog.locator(".endpoints.allowed li").allTextContents())
      .toEqual([expect.stringMatching(/^m1c1/)]);
    await page.close();
  });

  test("opens from the table and from the log, too", async () => {
    const page = await rig.open();
    await page.getByText("The same as a table").click();
    const row = page.getByRole("row", { name: /productpage in m1c1 reviews in m1c1/ });
    expect(await row.getByRole("cell").nth(1).textContent()).toBe("local");
    await row.getByRole("button", { name: "Why?" }).click();
    await page.getByRole("dialog").getByText("stays in m1c1").waitFor();
    await page.keyboard.press("Escape");
    await page
      .locator("#log")
      .getByRole("button", { name: /m1c2\/productpage → reviews/ })
      .first()
      .click();
    await page.getByRole("dialog").getByText("stays in m1c2").waitFor();
    await page.close();
  });

  test("the table has a row for each arrow", async () => {
    const page = await rig.open();
    await page.getByText("The same as a table").click();
    const arrows = await page.locator(".arrow").count();
    expect(arrows).toBeGreaterThan(8);
    await expect.poll(() => page.getByRole("row").count()).toBe(arrows + 1);
    await page.close();
  });
});

describe("what it looks like", () => {
  test("on a phone of 390 px nothing is cut off or needs to be scrolled sideways", async () => {
    const page = await rig.open({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const boxes = await page.locator(".box, .label, .figure, .card, button, input").all();
    for (const box of boxes) {
      const at = await box.boundingBox();
      if (!at || at.width === 0) continue;
      expect(
        at.x >= 0 && at.x + at.width <= 390,
        `${await box.textContent()} at ${at.x} to ${at.x + at.width}`,
      ).toBe(true);
    }
    // Turned and turned back: what was folded is there where there is room, and folded again.
    await page.setViewportSize({ width: 844, height: 390 });
    await page.getByText("Observe", { exact: true }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText("Observe", { exact: true }).waitFor({ state: "hidden" });
    await page.getByText("Scope and mode").click();
    await page.getByLabel("Observe").check();
    await page.getByRole("button", { name: "Discard" }).click();
    await arrow(page, "productpage in m1c1", "reviews in m1c1").focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("stays in m1c1").waitFor();
    expect((await dialog.boundingBox())!.width).toBe(390);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.close();
  });

  test.each(["light", "dark"] as const)("in the %s scheme every text can be read", async (scheme) => {
    const page = await rig.open({ scheme });
    await page.getByText("The same as a table").click();
    const colours = await page.evaluate<{ text: string; ratio: number }[]>(READ_COLOURS);
    expect(colours.length).toBeGreaterThan(40);
    // WCAG 2.2, 1.4.3 and 1.4.11.
    expect(colours.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const background = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const [red] = /\d+/.exec(background)!;
    expect(Number(red) < 128).toBe(scheme === "dark");
    await page.close();
  });

  test("nothing moves for who does not want that", async () => {
    const page = await rig.open({ reducedMotion: "reduce" });
    const moving = await page.evaluate(
      `[...document.querySelectorAll("*")].filter((one) => getComputedStyle(one).transitionDuration !== "0s" || getComputedStyle(one).animationName !== "none").length`,
    );
    expect(moving).toBe(0);
    await page.close();
  });
});

test("the page asks nobody but the console, and the browser has nothing to complain about", async () => {
  const urls: string[] = [];
  const note = (request: { url(): string }) => urls.push(new URL(request.url()).origin);
  rig.browser.on("request", note);
  const page = await rig.open();
  await page.waitForTimeout(1500);
  expect(new Set(urls)).toEqual(new Set([rig.origin]));
  expect(page.url()).toBe(`${rig.origin}/`);
  expect(rig.complaints).toEqual([]);
  rig.browser.off("request", note);
  await page.close();
});

test("10,000 services: the page is there at once, and a service is found by its name", async () => {
  const services = Array.from({ length: 10_000 }, (_, i) => ({
    service: `team-${i % 100}/service-${i}`,
    port: 80,
    endpoints: [`10.0.${Math.floor(i / 250)}.${i % 250}:80`],
  }));
  const { dir, policy, out } = rig.bookinfo.files;
  const mesh = join(dir, "large.yaml");
  const clusters = [{ id: "m1c1", services }, { id: "m1c2" }];
  writeFileSync(mesh, JSON.stringify({ version: 1, clusters }));
  const { child, url } = await startConsole({ files: { policy, mesh, out } });
  const page = await rig.browser.newPage();
  const bound = 3000 * slowdown();
  const start = performance.now();
  await page.goto(url);
  await page.getByLabel("Find a service").waitFor();
  expect(performance.now() - start).toBeLessThan(bound);
  await page.getByLabel("Find a service").fill("service-9999");
  await page.getByLabel("service-9999", { exact: true }).check();
  await expect.poll(() => page.getByRole("button", { name: "Apply" }).isEnabled()).toBe(true);
  expect(await page.getByRole("checkbox").count()).toBe(2);
  await page.close();
  await child.stop();
});

test("without its key the page says what is missing, and takes it", async () => {
  const page = await rig.browser.newPage();
  await page.goto(rig.origin);
  await page.getByText("This page needs its key").waitFor();
  await page.getByLabel("Address or key").fill(rig.url);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("Retention is on").waitFor();
  await page.close();
});

test("a proxy that cannot be looked at, and a console that ends, are told", async () => {
  const { child, url } = await startConsole(rig.bookinfo, "--admin", "127.0.0.1:9");
  const page = await rig.browser.newPage();
  await page.goto(url);
  await page.getByText("0 of 1").waitFor();
  expect(await page.locator("#proxies-note").textContent()).toContain("127.0.0.1:9");
  await child.stop();
  await page.getByText("Connecting again").waitFor();
  await page.close();
});

/** The contrast of each text with what lies behind it (WCAG 2.2, relative luminance). */
const READ_COLOURS = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const box = at instanceof SVGElement ? at.querySelector(":scope > rect") : undefined;
      const colour = parse(box && at !== element ? getComputedStyle(box).fill : style.backgroundColor);
      if ((colour[3] ?? 1) > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && one.checkVisibility({ visibilityProperty: true }) && !one.closest("title, noscript, :disabled, .skip"));
  return texts.map((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [light(parse(one instanceof SVGElement ? style.fill : style.color)), light(behind(one))];
    return { text: one.textContent.trim().slice(0, 30), ratio: Math.round(((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)) * 10) / 10 };
  });
})()`;
