import type { z } from "zod";
import { list, number, object, text, version } from "../input/fields.ts";
import { formatOf, parseText } from "../input/parse.ts";
import type { Parsed } from "../input/problem.ts";
import { clusterId } from "../policy/names.ts";

const MAX = 1_000_000;
const price = number("a number from 0 to 1000000", 0, MAX);
const rates = {
  perGB: price.default(0).meta({ description: "For a gigabyte (10^9 bytes), both directions together." }),
  perMillionRequests: price.default(0).meta({ description: "For a million requests." }),
};

/** The price table: what it costs when traffic crosses from one cluster to another. */
export const pricesSchema = object({
  version: version().meta({ description: "The version of this format." }),
  currency: text("a name of a currency, such as USD", /^[A-Za-z]{1,8}$/)
    .default("USD")
    .meta({ description: "What the prices are in." }),
  ...rates,
  between: list(
    object({
      from: clusterId.meta({ description: "The caller's cluster." }),
      to: clusterId.meta({ description: "The cluster of the endpoint." }),
      ...rates,
    }),
    "prices",
  )
    .default([])
    .meta({ description: "Other prices between two clusters, in this direction of the requests." }),
}).meta({
  title: "cluster-local prices",
  description: "What traffic between clusters costs: for `cluster-local status --prices`.",
});

export type Prices = z.output<typeof pricesSchema>;

/** Reads a price table: YAML, or JSON when its name ends so. */
export function parsePrices(text: string, file: string): Parsed<Prices> {
  return parseText(pricesSchema, text, file, formatOf(file, "yaml"));
}
