/** Where a command's words go: what it made to `out`, what is wrong to `err`. One line each. */
export interface Io {
  out: (line: string) => void;
  err: (line: string) => void;
  /** The terminal that `out` is; undefined where it is none, and output is plain lines. */
  terminal?: Terminal | undefined;
  /** Which of the two show colours; neither when left out. */
  colours?: { out: boolean; err: boolean };
  /** Says what takes a while, as in `reading mesh.yaml`; where it is left out, nobody waits. */
  busy?: (doing: string, bytes?: number) => void;
}

export interface Terminal {
  /** How wide and high it is now, in characters. */
  size: () => { columns: number; rows: number };
  /** Writes as it is. */
  write: (text: string) => void;
}

/** Exit codes. */
export const OK = 0;
/** The input is wrong: a file, or what stands in it. */
export const BAD_INPUT = 1;
/** The command line is wrong. */
export const USAGE = 2;
/** All was made but what some services need, and these are named. */
export const LEFT_OUT = 3;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
