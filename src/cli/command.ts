import type { SubCommandsDef } from "citty";

/** A command of any arguments, once it is there (citty also takes promises and functions). */
export type Command = Exclude<SubCommandsDef[string], Promise<unknown> | ((...args: never[]) => unknown)>;
