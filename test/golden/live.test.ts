import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli } from "../support/cli.ts";
import { readRecording, startFakeAdmin } from "../support/fake-admin.ts";
import { casesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

/**
 * What `doctor` and `status` print and refuse. The parts of a case: `args`, where `@name` is the address of a recorded
 * Envoy (test/live/recordings) or of a server that is none, and `$part` the case's file of that name, in which `@name` means
 * the same.
 */
const dir = join(import.meta.dirname, "live");
const recordings = ["envoy"];
const others: Record<string, [status: number, body: string]> = {
  html: [200, "<!doctype html>"],
  json: [200, '{"hello": "world"}'],
  forbidden: [403, "RBAC: access denied"],
  missing: [404, "not found"],
};

const addresses = new Map<string, string>();
const stops: (() => unknown)[] = [];
let temporary: string;

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), "cluster-local-golden-"));
  for (const name of recordings) {
    const admin = await startFakeAdmin(readRecording(join(dir, `../../live/recordings/${name}.json`)));
    addresses.set(name, admin.address);
    stops.push(() => admin.stop());
  }
  for (const [name, [status, body]] of Object.entries(others)) {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    addresses.set(name, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    stops.push(() => server.close());
  }
});
afterAll(() => {
  stops.forEach((stop) => stop());
  rmSync(temporary, { recursive: true });
});

const filled = (text: string) => text.replace(/@([a-z-]+)/g, (_, name: string) => addresses.get(name)!);

async function messages({ inputs }: GoldenCase): Promise<Output> {
  const args = (JSON.parse(readFileSync(inputs.get("args")!, "utf8")) as string[]).map((arg) => {
    if (!arg.startsWith("$")) return filled(arg);
    const file = inputs.get(arg.slice(1))!;
    const copy = join(temporary, basename(file));
    writeFileSync(copy, filled(readFileSync(file, "utf8")));
    return copy;
  });
  const { code, out, err } = await cli(args);
  let text = [...out, ...err.map((line) => `stderr: ${line}`), `exit ${code}`, ""].join("\n");
  for (const [name, address] of addresses) text = text.replaceAll(address, `@${name}`);
  text = text.replaceAll(`${temporary}/`, "");
  text = text.replace(/\(\d+ (s|min|h|days) ago\)/g, "(AGO)").replace(/"at": ?\d+/g, '"at":0');
  return new Map([["messages.txt", text]]);
}

describe("doctor and status", () => {
  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))("%s", async (_, aCase) => {
    const output = await messages(aCase);
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("every golden has a case", () => {
    expect(orphansIn(dir)).toEqual([]);
  });
});
