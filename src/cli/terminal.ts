import type { Terminal } from "./io.ts";

/** What a terminal is, of a stream that may be one. */
type Stream = Pick<NodeJS.WriteStream, "write"> &
  Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows">>;

/** The terminal behind a stream; undefined where it goes to a file or a pipe. */
export function terminalOf(stream: Stream): Terminal | undefined {
  if (stream.isTTY !== true) return undefined;
  return {
    size: () => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 }),
    write: (text) => void stream.write(text),
  };
}
