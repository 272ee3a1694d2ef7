/** A List as text, taken apart without reading it. */
export interface SplitList {
  /** Each item, to be read by itself. */
  items: string[];
  /** How a field with a text is written: `kind: Pod`. */
  field: (name: string, text: string) => string;
}

/** How kubectl prints a List, and how one in JSON is without white space. */
const STYLES = [
  {
    head: "apiVersion: v1\nitems:\n- ",
    between: "\n- ",
    // Nothing but items begins without a space, and after them only what the List says of itself.
    end: /\n(?:[^ \n-]|-[^ ])/g,
    tail: /^\nkind: List\n(?:metadata:\n(?: .*\n)*)?$/,
    item: (text: string) => `  ${text}\n`,
    field: (name: string, text: string) => `${name}: ${text}`,
  },
  {
    head: '{\n    "apiVersion": "v1",\n    "items": [\n        {\n',
    between: "\n        },\n        {\n",
    end: /\n {8}\}\n {4}\]/g,
    tail: /^\n {8}\}\n {4}\],\n {4}"kind": "List"(?:,\n {4}"metadata": \{[^{}]*\})?\n\}\n?$/,
    item: (text: string) => `{${text}}`,
    field: (name: string, text: string) => `"${name}": "${text}`,
  },
  {
    head: '{"apiVersion":"v1","items":[',
    between: /(?<=\}),(?=\{"(?:addressType|apiVersion)":)/,
    end: /\],"kind":"List"/g,
    tail: /^\],"kind":"List"(?:,"metadata":\{[^{}]*\})?\}\s*$/,
    item: (text: string) => text,
    field: (name: string, text: string) => `"${name}":"${text}`,
  },
];

/**
 * The items of a List as `kubectl get -o yaml` or `-o json` prints it; undefined for any other text, which is to be read whole.
 * Where a text only looks like such a List, some item is one that cannot be read.
 */
export function splitList(text: string): SplitList | undefined {
  const style = STYLES.find(({ head }) => text.startsWith(head));
  if (!style) return undefined;
  const { head, between, end, tail, item, field } = style;
  end.lastIndex = head.length;
  const at = end.exec(text)?.index;
  if (at === undefined || !tail.test(text.slice(at))) return undefined;
  return { items: text.slice(head.length, at).split(between).map(item), field };
}

/** The documents of a text, and the items of a List; each is to be read by itself. */
export function partsOf(text: string): string[] {
  return splitList(text)?.items ?? (/^\s*[{[]/.test(text) ? [text] : text.split(/^---[ \t]*\r?$/m));
}
