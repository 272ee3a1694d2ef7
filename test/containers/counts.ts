/** The command, run in an app's container, that asks the app how many requests it has received from whom. */
export const askCounts = [
  "node",
  "-e",
  `fetch("http://127.0.0.1:9081/counts").then((answer) => answer.text()).then(console.log)`,
];

/** How many of them a caller sent (`productpage.m1c1`), by what the command printed. */
export function countedFrom(caller: string, printed: string): number {
  const counts = JSON.parse(printed) as Record<string, Record<string, number>>;
  return Object.values(counts[caller] ?? {}).reduce((sum, count) => sum + count, 0);
}
