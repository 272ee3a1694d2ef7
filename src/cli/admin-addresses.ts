import type { ArgsDef } from "citty";
import { readText } from "../files/read.ts";
import { adminAddress, keyOfAdmin } from "../live/admin/client.ts";
import { LiveError } from "../live/live-error.ts";
import { valuesOf } from "./flags.ts";
import { UsageError } from "./io.ts";

/** The options by which proxies are named. */
export const adminArgs = {
  admin: {
    type: "string",
    multiple: true,
    valueHint: "ADDRESS",
    description: "Where an Envoy's admin interface is: http://127.0.0.1:15000. May be given several times.",
  },
  "admin-file": {
    type: "string",
    valueHint: "FILE",
    description: "A file with such addresses, one a line; # begins a comment.",
  },
} as const;

/** The addresses given, each once, in order. Throws UsageError where there is none or one is no address, FileError. */
export function adminAddresses(rawArgs: string[], args: ArgsDef, file: string | undefined): string[] {
  const addresses = givenAdminAddresses(rawArgs, args, file);
  if (addresses.length > 0) return addresses;
  throw new UsageError(
    "option --admin is missing: the address of an Envoy's admin interface, such as http://127.0.0.1:15000",
  );
}

/** The same, where there may be none. */
export function givenAdminAddresses(rawArgs: string[], args: ArgsDef, file: string | undefined): string[] {
  const given = valuesOf(rawArgs, args, "admin").map((text) => ({ text, place: "option --admin" }));
  const addresses = [...given, ...(file === undefined ? [] : addressesIn(file))];
  if (addresses.length === 0 && file !== undefined)
    throw new UsageError(`option --admin-file: ${file} has no address in it`);
  for (const { text, place } of addresses) {
    try {
      adminAddress(text);
    } catch (error) {
      if (error instanceof LiveError) throw new UsageError(`${place}: ${error.message}`);
      throw error;
    }
  }
  const distinct = new Map<string, string>();
  for (const { text } of addresses) if (!distinct.has(keyOfAdmin(text))) distinct.set(keyOfAdmin(text), text);
  return [...distinct.values()];
}

function addressesIn(file: string): { text: string; place: string }[] {
  return readText(file)
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.replace(/#.*/, "").trim(), place: `${file}:${index + 1}` }))
    .filter(({ text }) => text !== "");
}
