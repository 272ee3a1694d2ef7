import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import type { Access } from "./access.ts";

/** What an API server answered instead of what was asked for. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  constructor(
    /** Of HTTP; 0 when nothing was answered. */
    readonly status: number,
    message: string,
    /** `Conflict`, `Expired`: the Status object's. */
    readonly reason = "",
    /** What the server asks to wait. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

export interface Request {
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Without a byte for so long the connection is given up: half-open ones say nothing. Default: 15 s. */
  idleMs?: number;
}

const ATTEMPTS = 5;
const RETRIED = [0, 429, 500, 502, 503, 504];

/** A thin client: JSON over HTTP, with what it takes to survive an API server's bad moments. */
export class Kube {
  private readonly agent: http.Agent;

  constructor(readonly access: Access) {
    const { ca, insecure, serverName } = access;
    const options = { keepAlive: true, keepAliveMsecs: 5000, maxSockets: 64, timeout: 60_000 };
    const tls = { ca, rejectUnauthorized: !insecure, ...(serverName && { servername: serverName }) };
    const plain = access.server.protocol === "http:";
    this.agent = plain ? new http.Agent(options) : new https.Agent({ ...options, ...tls });
  }

  /** Asks and reads the answer; tries again on 429, 5xx and lost connections (but for POST, which may have been obeyed). */
  async request(method: string, path: string, request: Request = {}): Promise<Fields> {
    for (let attempt = 1; ; attempt++) {
      try {
        let text = "";
        for await (const chunk of await this.open(method, path, request)) text += String(chunk);
        return fieldsOf(JSON.parse(text));
      } catch (error) {
        const failure = asKubeError(error);
        const again = RETRIED.includes(failure.status) && (method !== "POST" || failure.status === 429);
        if (!again || attempt === ATTEMPTS || request.signal?.aborted) throw failure;
        await pause(failure, attempt, request.signal);
      }
    }
  }

  /** The answer as it comes. Throws KubeError for any status but 2xx. */
  async open(method: string, path: string, request: Request = {}): Promise<http.IncomingMessage> {
    let answer = await this.send(method, path, request, false);
    if (answer.statusCode === 401) {
      answer.resume();
      answer = await this.send(method, path, request, true);
    }
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer.setEncoding("utf8");
    let text = "";
    for await (const chunk of answer) text += String(chunk);
    const status = statusOf(text);
    const seconds = Number(headers["retry-after"]);
    const message = textOf(status.message) ?? (text.slice(0, 300) || `HTTP ${statusCode}`);
    throw new KubeError(statusCode, message, textOf(status.reason), seconds > 0 ? seconds * 1000 : undefined);
  }

  private async send(method: string, path: string, request: Request, renew: boolean) {
    const { token, cert, key } = await this.access.credentials(renew);
    const { body, contentType = "application/json", signal, idleMs = 15_000 } = request;
    const data = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      "user-agent": "cluster-local",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(data !== undefined && { "content-type": contentType, "content-length": Buffer.byteLength(data) }),
    };
    const { protocol, href } = this.access.server;
    const url = new URL(href.replace(/\/$/, "") + path);
    const options = { method, headers, agent: this.agent, cert, key, ...(signal && { signal }) };
    return new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = (protocol === "http:" ? http : https).request(url, options, resolve);
      sent.setTimeout(idleMs, () => sent.destroy(new KubeError(0, `no byte for ${idleMs} ms`)));
      sent.once("error", reject);
      sent.end(data);
    });
  }

  /** All items, a page at a time. A list that expires between pages is read from its beginning once more. */
  async list(path: string, query = "", signal?: AbortSignal): Promise<{ items: Fields[]; version: string }> {
    const items: Fields[] = [];
    for (let next = "", restarted = false; ;) {
      const rest = next === "" ? "" : `&continue=${encodeURIComponent(next)}`;
      try {
        const page = await this.request("GET", `${path}?limit=500${query}${rest}`, { signal });
        const { continue: more, resourceVersion } = fieldsOf(page.metadata);
        for (const item of itemsOf(page.items)) items.push(fieldsOf(item));
        next = textOf(more) ?? "";
        if (next === "") return { items, version: textOf(resourceVersion) ?? "" };
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 410) || restarted) throw error;
        items.length = 0;
        [next, restarted] = ["", true];
      }
    }
  }

  /** Server-side apply: what `manager` said before and does not say now is removed, and nothing else. */
  apply(path: string, object: object, manager: string, signal?: AbortSignal): Promise<Fields> {
    const query = `?fieldManager=${manager}&force=true`;
    const contentType = "application/apply-patch+yaml";
    return this.request("PATCH", path + query, { body: object, contentType, signal });
  }

  /** Deletes this object and no later one of its name. One that is gone already is no error. */
  async delete(path: string, uid: string, resourceVersion?: string): Promise<void> {
    const body = { preconditions: { uid, ...(resourceVersion && { resourceVersion }) } };
    await this.request("DELETE", path, { body }).catch((error: unknown) => {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    });
  }

  /** Sets fields, also of a status: give the path of the subresource. Null removes one. */
  patch(path: string, fields: object): Promise<Fields> {
    return this.request("PATCH", path, { body: fields, contentType: "application/merge-patch+json" });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Waits before the next attempt: what the server asked for, else longer each time, never all at once. */
export function pause(error: KubeError, attempt: number, signal?: AbortSignal): Promise<void> {
  const backoff = Math.min(10_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2);
  const ms = Math.min(error.retryAfterMs ?? backoff, 30_000);
  return sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

export function asKubeError(error: unknown): KubeError {
  return error instanceof KubeError ? error : new KubeError(0, (error as Error).message);
}

function statusOf(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}
