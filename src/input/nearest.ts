/** Beyond this distance a name is a different name, not a mistyped one. */
const FAR = 3;

/** The option nearest to what was found, when one is near enough to be what was meant. */
export function nearest(found: string, options: Iterable<string>): string | undefined {
  let best = FAR;
  let match: string | undefined;
  for (const option of options) {
    const distance = editDistance(found.toLowerCase(), option.toLowerCase());
    // A distance as long as the option itself would make every short name near to every other.
    if (distance < best && distance < option.length) {
      best = distance;
      match = option;
    }
  }
  return match;
}

/** `did you mean "strict"?`, or undefined when nothing is near. */
export function didYouMean(found: string, options: Iterable<string>): string | undefined {
  const match = nearest(found, options);
  return match === undefined ? undefined : `did you mean ${JSON.stringify(match)}?`;
}

/** Levenshtein's distance; texts whose lengths differ too much are simply far. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) >= FAR) return FAR;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
