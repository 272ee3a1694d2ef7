import { setTimeout as sleep } from "node:timers/promises";
import { startLoad } from "../../../test/support/load.ts";
import { visit, type Measured, type Visit } from "./measure.ts";

/** Bookinfo with a switch. */
export interface Flippable extends Measured {
  setRetention(on: boolean): Promise<void>;
}

/** How a flip of the switch went while the pages were visited. */
export interface Flip {
  /**
   * From the start of the edit until the last page with reviews of the other cluster was there (turned on), or the
   * first one (turned off).
   */
  effectiveAfterMs: number;
  perSecond: number;
  /** Visits during all of it, and those without an answer of status 200. */
  visits: number;
  failed: number;
  /** Pages without reviews among those asked for after the flip took effect. */
  unavailableAfter: number;
}

/** Reviews from the caller's own cluster, or none: what strict retention allows. */
const isLocal = ({ page, reviews }: Visit) => reviews === "none" || reviews === (page === 1 ? "v1" : "v2");

/** Turns retention on or off while both pages are visited, and watches in the pages when that takes effect. */
export async function flip(bookinfo: Flippable, on: boolean): Promise<Flip> {
  const perSecond = 100;
  const load = startLoad(perSecond, (index) => visit(bookinfo, index % 2 ? 2 : 1));
  await sleep(1000);
  const start = performance.now();
  await bookinfo.setRetention(on);
  await sleep(2000);
  const samples = await load.stop();

  const later = samples.filter(({ doneAt }) => doneAt > start).sort((a, b) => a.doneAt - b.doneAt);
  const crossed = later.filter(({ answer }) => answer && !isLocal(answer));
  const effectiveAt = (on ? crossed.at(-1) : crossed[0])?.doneAt ?? later[0]!.doneAt;
  const after = later.filter(({ sentAt }) => sentAt > effectiveAt);
  return {
    effectiveAfterMs: effectiveAt - start,
    perSecond,
    visits: samples.length,
    failed: samples.filter(({ answer }) => answer?.status !== 200).length,
    unavailableAfter: after.filter(({ answer }) => answer?.reviews === "none").length,
  };
}
