import { LOG_CRITICAL } from "./abi";
import { log } from "./host";

/** Where AssemblyScript's own checks end: says what failed, then traps; the host discards the VM. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const place = (file ? file : "?") + ":" + line.toString() + ":" + column.toString();
  log(LOG_CRITICAL, "abort: " + (message ? message : "") + " at " + place);
  unreachable();
}
