import { isRecord } from "../input/fields.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";

/**
 * The routes that a VirtualService has instead of one that delegates: those of the delegate, each for what both ask for.
 * One that contradicts is left out (MergeHTTPRoutes in pilot/pkg/model/virtualservice.go).
 */
export function delegated(root: Fields, routes: readonly Fields[]): Fields[] {
  const own = Object.fromEntries(Object.entries(root).filter(([field]) => field !== "delegate"));
  return routes.flatMap((route) => {
    const match = merged(itemsOf(root.match).map(fieldsOf), itemsOf(route.match).map(fieldsOf));
    if (!match) return [];
    const names = [textOf(root.name), textOf(route.name)].filter((one) => one !== undefined);
    return [{ ...own, ...route, match, ...(names.length > 0 && { name: names.join("-") }) }];
  });
}

function merged(roots: readonly Fields[], leaves: readonly Fields[]): Fields[] | undefined {
  if (roots.length === 0 || leaves.length === 0) return [...roots, ...leaves];
  const found = leaves.map((leaf) =>
    roots.filter((root) => !conflict(root, leaf)).map((root) => both(root, leaf)),
  );
  return found.some((one) => one.length === 0) ? undefined : found.flat();
}

const TEXTS = ["uri", "scheme", "method", "authority"];
const MAPS = ["headers", "withoutHeaders", "queryParams", "sourceLabels"];

function both(root: Fields, leaf: Fields): Fields {
  const maps = MAPS.filter((field) => root[field] !== undefined || leaf[field] !== undefined).map((field) => [
    field,
    { ...fieldsOf(root[field]), ...fieldsOf(leaf[field]) },
  ]);
  const names = [textOf(root.name), textOf(leaf.name)].filter((one) => one !== undefined);
  return {
    ...root,
    ...leaf,
    ...(Object.fromEntries(maps) as Fields),
    ...(names.length > 0 && { name: names.join("-") }),
  };
}

function conflict(root: Fields, leaf: Fields): boolean {
  if (TEXTS.some((field) => differ(root[field], leaf[field]))) return true;
  for (const field of MAPS.slice(0, 3)) {
    const theirs = fieldsOf(root[field]);
    if (Object.entries(fieldsOf(leaf[field])).some(([name, match]) => differ(theirs[name], match)))
      return true;
  }
  if ((root.ignoreUriCase === true) !== (leaf.ignoreUriCase === true)) return true;
  if (root.port !== undefined && leaf.port !== undefined && root.port !== leaf.port) return true;
  if (root.sourceNamespace !== undefined && leaf.sourceNamespace !== root.sourceNamespace) return true;
  const labels = fieldsOf(root.sourceLabels);
  const asked = Object.entries(fieldsOf(leaf.sourceLabels));
  if (asked.some(([key, value]) => key in labels && labels[key] !== value)) return true;
  const gateways = textsOf(root.gateways);
  return gateways.length > 0 && textsOf(leaf.gateways).some((one) => !gateways.includes(one));
}

/** Whether a delegate asks for a text that its root's match does not cover (stringMatchConflict). */
function differ(root: unknown, leaf: unknown): boolean {
  if (!isRecord(root) || !isRecord(leaf)) return false;
  const [ours, theirs] = [fieldsOf(root), fieldsOf(leaf)];
  if (textOf(ours.regex) !== undefined || textOf(theirs.regex) !== undefined) return true;
  const exact = textOf(ours.exact);
  if (exact !== undefined) return textOf(theirs.prefix) !== undefined || textOf(theirs.exact) !== exact;
  const text = textOf(theirs.prefix) ?? textOf(theirs.exact);
  return text === undefined || !text.startsWith(textOf(ours.prefix) ?? "\n");
}
