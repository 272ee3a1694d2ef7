import { LOG_CRITICAL, proxy_log } from "./abi";

const line: usize = memory.data(512);

/**
 * Where AssemblyScript's own checks end in the debug build: says what failed, then traps; the host discards the VM. It
 * uses nothing that could itself fail a check. The release build traps without a word, and without the words' weight.
 */
export function abort(reason: string | null, file: string | null, row: u32, column: u32): void {
  let size = put(0, "cluster_local: abort: ");
  if (reason) size = put(size, reason);
  size = put(size, " at ");
  if (file) size = put(size, file);
  size = put(digits(put(size, ":"), row), ":");
  size = digits(size, column);
  proxy_log(LOG_CRITICAL, line, size);
  unreachable();
}

function put(at: i32, text: string): i32 {
  const size = min(text.length, 200);
  for (let i = 0; i < size; i++)
    store<u8>(line + at + i, load<u16>(changetype<usize>(text) + ((<usize>i) << 1)));
  return at + size;
}

function digits(at: i32, value: u32): i32 {
  if (value > 9) at = digits(at, value / 10);
  store<u8>(line + at, 0x30 + (value % 10));
  return at + 1;
}
