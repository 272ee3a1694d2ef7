import { parser } from "@prometheus-io/lezer-promql";

/** A selector of a PromQL query: `cluster_local_upstream{where="none"}`. */
export interface Selector {
  text: string;
  matchers: { label: string; operator: string; value: string }[];
}

/** A series of Prometheus' text format. */
export type Series = Readonly<Record<string, string>>;

/** The selectors of a PromQL query, and the labels that it groups by. Throws where it is no PromQL. */
export function parseQuery(query: string): { selectors: Selector[]; groupedBy: string[] } {
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  const text = ({ from, to }: { from: number; to: number }) => query.slice(from, to);
  parser.parse(query).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${query}`);
      if (node.name === "VectorSelector") selectors.push({ text: text(node), matchers: [] });
      if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector")
        selectors.at(-1)!.matchers.push({ label: "__name__", operator: "=", value: text(node) });
      if (node.name === "UnquotedLabelMatcher") {
        const [, label, operator, value] = /^(\w+)\s*(=~|!~|!=|=)\s*(".*")$/s.exec(text(node)) ?? [];
        selectors.at(-1)!.matchers.push({
          label: label!,
          operator: operator!,
          value: JSON.parse(value!) as string,
        });
      }
      if (node.name === "LabelName" && node.node.parent?.name === "GroupingLabels")
        groupedBy.push(text(node));
    },
  });
  return { selectors, groupedBy };
}

/** The series that a selector selects. */
export function select({ matchers }: Selector, series: readonly Series[]): Series[] {
  return series.filter((one) => matchers.every((matcher) => matches(matcher, one[matcher.label] ?? "")));
}

function matches({ operator, value }: Selector["matchers"][number], found: string): boolean {
  const equal = operator.includes("~") ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  return operator.startsWith("!") ? !equal : equal;
}

/** The series of an answer of /stats/prometheus, values left out, with the labels that a scrape adds. */
export function parseSeries(text: string, added: Series): Series[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [
      label!,
      value!,
    ]);
    return [{ ...added, ...(Object.fromEntries(pairs) as Series), __name__: name }];
  });
}
