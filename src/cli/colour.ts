/** ECMA-48, SGR. */
const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;
export type Style = keyof typeof CODES;
export type Paint = (style: Style, text: string) => string;

/** Paints text where there are colours, and leaves it as it is elsewhere. */
export function painter(colours = false): Paint {
  if (!colours) return (_, text) => text;
  return (style, text) => (text === "" ? "" : `\u001b[${CODES[style]}m${text}\u001b[0m`);
}

/**
 * Whether a stream gets colours: a terminal does, unless NO_COLOR (no-color.org) or TERM=dumb says otherwise; FORCE_COLOR
 * goes before all of them, with 0 and false for no.
 */
export function wantsColours(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return stream.isTTY === true && terminal !== "dumb";
}
