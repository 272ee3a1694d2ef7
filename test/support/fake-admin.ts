import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fieldsOf, itemsOf } from "../../src/input/loose.ts";

/** What an Envoy's admin interface answered once, by path; of stats the text. Made by test/live/record.ts. */
export interface Recording {
  "/server_info": unknown;
  "/clusters": unknown;
  "/config_dump": { configs: Record<string, unknown>[] };
  "/stats": string;
  "/stats/prometheus": string;
}

/** A server that answers as a recorded Envoy did. */
export interface FakeAdmin {
  readonly address: string;
  /** What it answers; may be changed. */
  readonly recording: Recording;
  stop(): void;
}

export function readRecording(file: string): Recording {
  return JSON.parse(readFileSync(file, "utf8")) as Recording;
}

/** Plays a recording on a free port of 127.0.0.1. */
export async function startFakeAdmin(recording: Recording): Promise<FakeAdmin> {
  const server = createServer(({ url = "" }, response) => {
    const body = answer(recording, new URL(url, "http://admin"));
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, recording, stop: () => void server.close() };
}

function answer(recording: Recording, { pathname, searchParams }: URL): string | undefined {
  if (pathname === "/stats") {
    const filter = new RegExp(searchParams.get("filter") ?? "");
    const name = (line: string) => line.slice(0, line.lastIndexOf(": "));
    return recording["/stats"]
      .split("\n")
      .filter((line) => filter.test(name(line)))
      .join("\n");
  }
  // It was filtered when it was recorded: the names that Envoy filters by are not in it.
  if (pathname === "/stats/prometheus") {
    const text: unknown = recording[pathname];
    return typeof text === "string" ? text : JSON.stringify(text);
  }
  const resource = searchParams.get("resource");
  if (pathname === "/config_dump" && resource !== null) {
    const configs = itemsOf(fieldsOf(recording["/config_dump"]).configs).flatMap((config) =>
      itemsOf(fieldsOf(config)[resource]),
    );
    if (configs.length > 0) return JSON.stringify({ configs });
    return resource.endsWith("_endpoint_configs") ? "{}" : undefined;
  }
  const found = recording[pathname as "/server_info"];
  return found === undefined ? undefined : JSON.stringify(found);
}
