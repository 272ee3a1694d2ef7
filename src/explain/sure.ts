/** An answer that may depend on what is not known. */
export type Sureness = "yes" | "no" | "unsure";

export const sure = (fact: boolean): Sureness => (fact ? "yes" : "no");

export function opposite(one: Sureness): Sureness {
  return one === "unsure" ? one : sure(one === "no");
}

/** One of them: one that holds is enough to know. */
export function some(all: readonly Sureness[]): Sureness {
  return opposite(every(all.map(opposite)));
}

/** All of them: one that does not hold is enough to know. */
export function every(all: readonly Sureness[]): Sureness {
  if (all.includes("no")) return "no";
  return all.includes("unsure") ? "unsure" : "yes";
}
