import type { Flip } from "./flip.ts";
import type { Tally } from "./measure.ts";

const coloured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);

export function print(line = ""): void {
  console.log(line);
}

/** `0.83 s`, `12.4 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}

/** The heading of an act, and what it shows. */
export function heading(title: string, ...lines: string[]): void {
  print();
  print(bold(title));
  for (const line of lines) print(`   ${line}`);
}

/** What was counted, a line for each page. */
export function table(tallies: readonly Tally[]): void {
  print(dim("                                 requests received by     pages shown"));
  print(dim("   page            visits  200s  reviews v1  reviews v2   with   without"));
  print(dim("                                    in m1c1     in m1c2  stars   reviews"));
  const widths = [8, 6, 12, 12, 7, 10];
  for (const { page, visits, ok, v1, v2, stars, unavailable } of tallies) {
    const cells = [visits, ok, v1, v2, stars, unavailable].map((cell, i) =>
      String(cell).padStart(widths[i]!),
    );
    print(`   /productpage${page}${cells.join("")}`);
  }
}

/** How a flip of the switch went. */
export function flipLine({ effectiveAfterMs, perSecond, visits, failed }: Flip): void {
  print(
    `   Flipped while ${perSecond} pages a second are opened: in effect after ${bold(seconds(effectiveAfterMs))};`,
  );
  print(`   ${visits} pages were opened meanwhile, ${bold(String(failed))} failed.`);
}

/** A claim that held. */
export function held(text: string): void {
  print(`   ${green("✓")} ${text}`);
}
