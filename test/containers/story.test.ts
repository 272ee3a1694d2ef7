import { expect, test } from "vitest";
import { flip } from "../../examples/bookinfo/demo/flip.ts";
import { measure } from "../../examples/bookinfo/demo/measure.ts";
import { slowdown } from "../support/machine.ts";
import { describeContainers, useRig } from "./containers.ts";

describeContainers("the reference story in containers", () => {
  const rig = useRig();

  test("off: each page gets reviews from both clusters", async () => {
    for (const { visits, ok, v1, v2, unavailable } of await measure(rig(), 100)) {
      expect({ ok, unavailable, received: v1 + v2 }).toEqual({
        ok: visits,
        unavailable: 0,
        received: visits,
      });
      expect(Math.min(v1, v2)).toBeGreaterThan(visits / 4);
    }
  });

  test("turned on under load: no page fails, and from then on none leaves its cluster", async () => {
    const { failed, unavailableAfter, effectiveAfterMs } = await flip(rig(), true);
    expect({ failed, unavailableAfter }).toEqual({ failed: 0, unavailableAfter: 0 });
    expect(effectiveAfterMs).toBeLessThan(1000 * slowdown());
    const [one, two] = await measure(rig(), 200);
    expect(one).toMatchObject({ ok: 200, v1: 200, v2: 0, stars: 0, unavailable: 0 });
    expect(two).toMatchObject({ ok: 200, v1: 0, v2: 200, stars: 200, unavailable: 0 });
  });

  test("turned off again under load: mixed as before", async () => {
    const { failed, unavailableAfter } = await flip(rig(), false);
    expect({ failed, unavailableAfter }).toEqual({ failed: 0, unavailableAfter: 0 });
    for (const { v1, v2 } of await measure(rig(), 100)) {
      expect(v1 + v2).toBe(100);
      expect(Math.min(v1, v2)).toBeGreaterThan(25);
    }
  });
});
