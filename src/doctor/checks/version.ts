import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** Whether this Envoy is one that the filter was tested with. `supported` is `{from: "1.37", to: "1.40"}`, both included. */
export function checkVersion({ state }: Facts, supported: { from: string; to: string }): Finding[] {
  const { version } = state.proxy;
  const evidence = [`/server_info: version ${version}`];
  const number = minor(version);
  const range = `${supported.from} to ${supported.to}`;
  if (number >= minor(supported.from) && number <= minor(supported.to))
    return [{ check: "version", level: "ok", message: `Envoy ${version}, supported: ${range}`, evidence }];
  return [
    {
      check: "version",
      level: "warning",
      message: `Envoy ${version} is not one that the filter was tested with`,
      evidence,
      remedy: `run an Envoy from ${range}, or try the rules as observe first and watch for leaks`,
    },
  ];
}

function minor(version: string): number {
  const [major = "0", minor = "0"] = version.split(".");
  return Number(major) * 1000 + Number.parseInt(minor, 10);
}
