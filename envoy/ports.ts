import { createServer, type Server } from "node:net";

/**
 * Ports are taken from below the range from which Linux (32768) and macOS (49152) take those of outgoing
 * connections, so that no connection can sit on a port between its choice and its use.
 */
const firstPort = 10_240;
const endPort = 32_768;
const blockSize = 64;

let next = 0;
let blockEnd = 0;
let last: Promise<number> = Promise.resolve(0);

/**
 * A free TCP port on 127.0.0.1 that no other caller gets, in this process or another that asks the same way.
 *
 * The numbers come in blocks. A process owns a block while it listens on the block's first port, which it does
 * until it ends; the other ports are given out once each. So a port may be closed and bound again (a stopped
 * backend that comes back) without anybody else taking it meanwhile.
 */
export function freePort(): Promise<number> {
  // One after the other: calls at the same time would claim a block each.
  return (last = last.then(takePort, takePort));
}

async function takePort(): Promise<number> {
  for (;;) {
    if (next === blockEnd) await claimBlock();
    const port = next++;
    if (await isFree(port)) return port;
  }
}

/** `127.0.0.1:<free port>`. */
export async function freeAddress(): Promise<string> {
  return `127.0.0.1:${await freePort()}`;
}

async function claimBlock(): Promise<void> {
  const blocks = Math.floor((endPort - firstPort) / blockSize);
  const start = Math.floor(Math.random() * blocks);
  for (let i = 0; i < blocks; i++) {
    const base = firstPort + ((start + i) % blocks) * blockSize;
    const claim = await listen(base);
    if (!claim) continue;
    claim.unref();
    next = base + 1;
    blockEnd = base + blockSize;
    return;
  }
  throw new Error(`no free block of ports between ${firstPort} and ${endPort}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  return server !== undefined;
}

/** A server that listens on the port and answers nothing, or `undefined` when the port is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}
