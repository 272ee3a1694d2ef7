import { freeAddress } from "../../../envoy/ports.ts";

/** The text with each `127.0.0.1:<port>` in it replaced by a free one, the same by the same. */
export async function withFreePorts(text: string): Promise<string> {
  const free = new Map<string, string>();
  for (const [address] of text.matchAll(local)) {
    if (!free.has(address)) free.set(address, await freeAddress());
  }
  return text.replace(local, (address) => free.get(address)!);
}

const local = /127\.0\.0\.1:\d+/g;
