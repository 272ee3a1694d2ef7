import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arrow, startRig, type Rig } from "./rig.ts";

/** The pictures of the docs: written only with UPDATE_SCREENSHOTS=1, for no two runs have the same rates. */
const FOLDER = fileURLToPath(new URL("../../examples/bookinfo/screenshots", import.meta.url));
/** As small as two columns can be: in a README pictures are about so wide. */
const SIZE = { width: 1040, height: 940 };
/** In bytes. */
const MOST = 150_000;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

async function keep(name: string, page: Page, fullPage = false): Promise<void> {
  const picture = await page.screenshot({ fullPage });
  expect(picture.length).toBeGreaterThan(10_000);
  if (process.env.UPDATE_SCREENSHOTS !== "1") return;
  expect(picture.length).toBeLessThan(MOST);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.png`), picture);
}

/** So that the rates are those of some seconds. */
const settle = (page: Page) => page.waitForTimeout(4500);

test("before and after the switch, light", async () => {
  const page = await rig.open(SIZE);
  await settle(page);
  await keep("before", page);
  await page.getByRole("switch").click();
  await settle(page);
  await keep("after", page);
  await page.close();
});

test("an explanation, dark", async () => {
  const page = await rig.open({ ...SIZE, scheme: "dark" });
  await settle(page);
  await keep("dark", page);
  await arrow(page, "productpage in m1c1", "reviews in m1c1").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.setViewportSize({ ...SIZE, height: 720 });
  await keep("explain", page);
  await page.close();
});

test("on a phone", async () => {
  const page = await rig.open({ width: 390, height: 844 });
  await settle(page);
  await keep("phone", page, true);
  await page.close();
});
