import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** The page's own module, as browsers get it. */
const { layout } = (await import(new URL("../../src/console/page/layout.js", import.meta.url).href)) as {
  layout: (traffic: Traffic, width: number) => Plan;
};

interface Traffic {
  clusters: readonly string[];
  boxes: { id: string; cluster: string; namespace: string; name: string }[];
  arrows: { id: string; from: string; to: string }[];
}
interface Point {
  x: number;
  y: number;
}
interface Plan {
  width: number;
  height: number;
  columns: { id: string; x: number; w: number }[];
  boxes: Map<string, { x: number; y: number; w: number; h: number; row: number }>;
  arrows: Map<string, { start: Point; c: [Point, Point]; end: Point; label: Point }>;
}

/** Calls as `a>b`: from each cluster's `a` to each cluster's `b`. */
function mesh(clusters: readonly string[], calls: string[]): Traffic {
  const pairs = calls.map((call) => call.split(">") as [string, string]);
  const names = [...new Set(pairs.flat())];
  const id = (cluster: string, name: string) => `${cluster}/default/${name}`;
  return {
    clusters,
    boxes: clusters.flatMap((cluster) =>
      names.map((name) => ({ id: id(cluster, name), cluster, namespace: "default", name })),
    ),
    arrows: pairs.flatMap(([from, to]) =>
      clusters.flatMap((a) =>
        clusters.map((b) => ({ id: `${a}/${from} ${b}/${to}`, from: id(a, from), to: id(b, to) })),
      ),
    ),
  };
}

const rows = (plan: Plan, cluster = "m1") =>
  [...plan.boxes]
    .filter(([id]) => id.startsWith(`${cluster}/`))
    .sort(([, a], [, b]) => a.y - b.y)
    .map(([id]) => id.split("/").at(-1));

describe("the rows", () => {
  test("have callers above what they call, and the same service in the same row of each cluster", () => {
    const plan = layout(
      mesh(["m1", "m2"], ["page>reviews", "reviews>ratings", "page>details", "gateway>page"]),
      800,
    );
    expect(rows(plan)).toEqual(["gateway", "page", "details", "reviews", "ratings"]);
    expect(rows(plan, "m2")).toEqual(rows(plan));
  });

  test("take calls in a circle, and to oneself", () => {
    expect(rows(layout(mesh(["m1", "m2"], ["a>b", "b>c", "c>a", "b>b"]), 800))).toEqual(["a", "b", "c"]);
  });

  test("have at their end what nobody calls", () => {
    const traffic = mesh(["m1"], ["page>reviews"]);
    traffic.boxes.push({ id: "m1/default/alone", cluster: "m1", namespace: "default", name: "alone" });
    expect(rows(layout(traffic, 800))).toEqual(["page", "reviews", "alone"]);
  });
});

const call = fc.tuple(fc.nat(7), fc.nat(7)).map(([a, b]) => `s${a}>s${b}`);
const calls = fc.uniqueArray(call, { minLength: 1, maxLength: 12 });
const clusters = fc.constantFrom(["m1"], ["m1", "m2"], ["m1", "m2", "m3"]);

test("whatever calls what: no box overlaps another, and nothing leaves the picture", () => {
  fc.assert(
    fc.property(calls, clusters, fc.constantFrom(334, 560, 800, 1200), (calls, clusters, width) => {
      const traffic = mesh(clusters, calls);
      const plan = layout(traffic, width);
      const boxes = [...plan.boxes.values()];
      expect(boxes).toHaveLength(traffic.boxes.length);
      for (const [i, a] of boxes.entries()) {
        expect(a.x >= 0 && a.x + a.w <= width && a.y >= 0 && a.y + a.h <= plan.height).toBe(true);
        if (clusters.length < 3) expect(a.w).toBeGreaterThan(60);
        for (const b of boxes.slice(i + 1))
          expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y).toBe(true);
      }
      // An arrow from a box to itself has no place; all others do.
      expect(plan.arrows.size).toBe(traffic.arrows.filter(({ from, to }) => from !== to).length);
      for (const { start, c, end, label } of plan.arrows.values())
        for (const { x, y } of [start, ...c, end, label]) {
          expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
          expect(y >= 0 && y <= plan.height).toBe(true);
        }
      for (const { label } of plan.arrows.values()) expect(label.x >= 8 && label.x <= width - 8).toBe(true);
    }),
    { numRuns: 300 },
  );
});
