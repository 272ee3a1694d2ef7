import type { Agent } from "node:http";
import { send, type HttpResponse } from "../../../test/support/http-client.ts";
import { sendMany } from "../../../test/support/load.ts";

/** Bookinfo in two clusters, on this machine or in containers: what can be asked of it. */
export interface Measured {
  /** The gateway's address, and connections to it. */
  readonly gateway: string;
  readonly agent: Agent;
  app(service: string, cluster: string): Counted;
}

/** An app that counts what it receives. */
export interface Counted {
  /** How many requests from a caller (`productpage.m1c1`) it received since its start. */
  countFrom(caller: string): Promise<number>;
}

/** What one visit to a page showed. */
export interface Visit {
  page: 1 | 2;
  status: number;
  /** Which reviews the page has; `none` when it says that they are unavailable. */
  reviews: "v1" | "v2" | "none";
  stars: boolean;
  /** Nothing is missing: neither the reviews, nor the details, nor the stars of reviews that have them. */
  whole: boolean;
}

/** Opens `/productpage1` or `/productpage2` at the gateway. Throws when there is no answer within 5 s. */
export async function visit(bookinfo: Omit<Measured, "app">, page: 1 | 2): Promise<Visit> {
  const { agent, gateway } = bookinfo;
  return readPage(page, await send({ address: gateway, path: `/productpage${page}`, agent }));
}

function readPage(page: 1 | 2, { status, body }: HttpResponse): Visit {
  const version = /Reviews served by: <b>reviews-(v[12])</.exec(body)?.[1];
  return {
    page,
    status,
    reviews: (version ?? "none") as Visit["reviews"],
    stars: body.includes('class="stars"'),
    whole: status === 200 && !body.includes("unavailable"),
  };
}

/** Some visits to one page: what they showed, and what the receivers counted meanwhile. */
export interface Tally {
  page: 1 | 2;
  visits: number;
  /** Pages answered with 200. */
  ok: number;
  /** Requests of this page's productpage that reviews v1 and reviews v2 received. */
  v1: number;
  v2: number;
  /** Pages with stars, and pages that say that reviews are unavailable. */
  stars: number;
  unavailable: number;
}

/** Visits each page `visits` times, in turn, and counts at the receivers. */
export async function measure(bookinfo: Measured, visits: number): Promise<[Tally, Tally]> {
  const before = await receivedByReviews(bookinfo);
  const samples = await sendMany(visits * 2, (index) => visit(bookinfo, index % 2 ? 2 : 1));
  const after = await receivedByReviews(bookinfo);
  const tally = (page: 1 | 2): Tally => {
    const seen = samples.flatMap(({ answer }) => (answer?.page === page ? [answer] : []));
    return {
      page,
      visits,
      ok: seen.filter(({ status }) => status === 200).length,
      v1: after[page].v1 - before[page].v1,
      v2: after[page].v2 - before[page].v2,
      stars: seen.filter(({ stars }) => stars).length,
      unavailable: seen.filter(({ reviews }) => reviews === "none").length,
    };
  };
  return [tally(1), tally(2)];
}

async function receivedByReviews(bookinfo: Measured) {
  const from = async (page: 1 | 2) => ({
    v1: await bookinfo.app("reviews", "m1c1").countFrom(`productpage.m1c${page}`),
    v2: await bookinfo.app("reviews", "m1c2").countFrom(`productpage.m1c${page}`),
  });
  return { 1: await from(1), 2: await from(2) };
}

/** How many requests of both productpages each cluster's details received since its start. */
export async function receivedByDetails(bookinfo: Measured): Promise<{ m1c1: number; m1c2: number }> {
  const at = async (cluster: string) => {
    const app = bookinfo.app("details", cluster);
    return (await app.countFrom("productpage.m1c1")) + (await app.countFrom("productpage.m1c2"));
  };
  return { m1c1: await at("m1c1"), m1c2: await at("m1c2") };
}
