import type { Problem } from "../input/problem.ts";
import type { Paint } from "./colour.ts";

/** So much of a line is shown. */
const WIDTH = 100;

/** The line of a problem, and a caret under its place; nothing where there is no place. */
export function excerpt({ line, col = 1 }: Problem, lines: readonly string[], paint: Paint): string[] {
  if (line === undefined) return [];
  // The place may be the end of the text, behind its last line.
  const text = (lines[line - 1] ?? "").replace(/\r$/, "");
  const from = col > WIDTH - 20 ? col - 20 : 0;
  const shown = text.slice(from, from + WIDTH).replaceAll("\t", " ");
  const number = String(line).padStart(5);
  const before = `${number} | `;
  const cut = from > 0 ? "…" : "";
  return [
    `${paint("dim", before)}${cut}${shown}${from + WIDTH < text.length ? "…" : ""}`,
    `${" ".repeat(before.length + cut.length + col - 1 - from)}${paint("green", "^")}`,
  ];
}
