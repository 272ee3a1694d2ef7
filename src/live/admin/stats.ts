/** Stats by name, of `/stats` in Envoy's text form; histograms and texts are left out. */
export function parseStats(answer: string): Map<string, number> {
  const stats = new Map<string, number>();
  for (const line of answer.split("\n")) {
    const colon = line.lastIndexOf(": ");
    const value = line.slice(colon + 2);
    if (colon > 0 && /^\d+$/.test(value)) stats.set(line.slice(0, colon), Number(value));
  }
  return stats;
}
