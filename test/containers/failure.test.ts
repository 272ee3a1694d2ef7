import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { visit } from "../../examples/bookinfo/demo/measure.ts";
import { startLoad } from "../support/load.ts";
import { slowdown } from "../support/machine.ts";
import { switched } from "./configuration.ts";
import { describeContainers, useRig } from "./containers.ts";
import type { Part } from "./part.ts";
import { refused, reviewsOf, served, watch, type Watched } from "./watch.ts";

/**
 * What strict has to hold through: 0 crossings, page 2 never without its own reviews, and not one page that is not
 * answered.
 */
function expectStrict({ crossings, page }: Watched): void {
  expect(crossings).toBe(0);
  expect(reviewsOf(page(1))).not.toHaveProperty("v2");
  expect(reviewsOf(page(1))).not.toHaveProperty("failed");
  expect(reviewsOf(page(2))).toEqual({ v2: page(2).length });
}

describeContainers("strict retention, when containers fail under load", () => {
  const rig = useRig({ policy: switched(true) });
  afterEach(() => rig().settled());

  test.each<[string, (reviews: Part) => Promise<void>, (reviews: Part) => Promise<void>]>([
    ["is stopped, and started again", (reviews) => reviews.stop(), (reviews) => reviews.start()],
    ["hangs, and goes on", (reviews) => reviews.pause(), (reviews) => reviews.unpause()],
    [
      "is cut off, and its network healed",
      (reviews) => reviews.cut("m1c1"),
      (reviews) => reviews.heal("m1c1"),
    ],
  ])("reviews v1 %s", async (_, down, up) => {
    const reviews = rig().part("m1c1-reviews");
    const load = await watch(rig());
    await load.until(served);
    await down(reviews);
    await load.until(refused);
    await load.during(2000);
    await up(reviews);
    await load.until(served);
    expectStrict(await load.stop());
    expect(await reviews.countFrom("productpage.m1c1")).toBeGreaterThan(0);
  });

  test("the sidecar of m1c1's productpage is restarted", async () => {
    const load = await watch(rig());
    await load.until(served);
    await rig().part("m1c1-productpage-sidecar").restart();
    await load.until(served);
    expectStrict(await load.stop());
  });

  test("the network between the clusters is cut: what is retained does not notice", async () => {
    // Who can reach the other cluster, and through which network.
    const links = [
      ["m1c1-productpage", "m1c2"],
      ["m1c2-productpage", "m1c1"],
      ["m1c2-reviews", "m1c1"],
    ] as const;
    const load = await watch(rig());
    await load.until(served);
    for (const [name, network] of links) await rig().part(name).cut(network);
    await load.during(4000);
    for (const [name, network] of links) await rig().part(name).heal(network);
    await load.during(2000);
    const watched = await load.stop();
    expectStrict(watched);
    expect(reviewsOf(watched.page(1))).toEqual({ v1: watched.page(1).length });
  });

  test("the other cluster is wholly gone: what is retained does not notice", async () => {
    await rig().configure({ policy: retainAll });
    await rig().settled();
    const others = rig().parts("m1c2-");
    const received = () => rig().app("reviews", "m1c1").countFrom("productpage.m1c1");
    const before = await received();
    const load = startLoad(20, () => visit(rig(), 1));
    await sleep(1000);
    await Promise.all(others.map((part) => part.kill()));
    await sleep(6000);
    const samples = await load.stop();

    expect(samples.length).toBeGreaterThan(100);
    expect(samples.filter(({ answer }) => answer?.whole !== true)).toEqual([]);
    expect((await received()) - before).toBe(samples.length);
    // Not even while nobody knew yet that those endpoints are dead.
    expect(Math.max(...samples.map(({ sentAt, doneAt }) => doneAt - sentAt))).toBeLessThan(1000 * slowdown());

    // The apps first, for the sidecars share their networks.
    const isSidecar = ({ name }: Part) => name.endsWith("-sidecar");
    await Promise.all(others.filter((part) => !isSidecar(part)).map((part) => part.start()));
    await Promise.all(others.filter(isSidecar).map((part) => part.start()));
    await rig().configure({ policy: switched(true) });
  });
});

const retainAll = (policy: string) => switched(true)(policy).replace("default/reviews", '"*"');
