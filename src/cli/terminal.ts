import type { Terminal } from "./io.ts";

/** What a terminal is, of a stream that may be one. */
type Stream = Pick<NodeJS.WriteStream, "write"> &
  Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows">>;

/** The terminal behind a stream; undefined where it goes to a file or a pipe. */
export function terminalOf(stream: Stream, env: NodeJS.ProcessEnv): Terminal | undefined {
  if (stream.isTTY !== true) return undefined;
  return {
    // no-color.org: set to anything but the empty text.
    color: !env.NO_COLOR && env.TERM !== "dumb",
    size: () => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 }),
    write: (text) => void stream.write(text),
  };
}

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;
export type Style = keyof typeof CODES;

/** Paints text where the output is a terminal with colours (ECMA-48, SGR), and leaves it as it is elsewhere. */
export function painter(terminal: Terminal | undefined): (style: Style, text: string) => string {
  if (terminal?.color !== true) return (_, text) => text;
  return (style, text) => (text === "" ? "" : `\u001b[${CODES[style]}m${text}\u001b[0m`);
}
