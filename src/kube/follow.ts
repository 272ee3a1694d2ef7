import { fieldsOf, textOf, type Fields } from "../input/loose.ts";
import { asKubeError, KubeError, pause, type Kube } from "./client.ts";

/** Who follows the objects of a kind. */
export interface Follower {
  /** All of them: what is not here is gone. */
  replace: (items: Fields[]) => void;
  change: (type: "ADDED" | "MODIFIED" | "DELETED", object: Fields) => void;
  /** Undefined: in touch. What is known stays known while there is an error. */
  state?: (error: KubeError | undefined) => void;
}

export interface Following {
  /** `&labelSelector=...`. */
  query?: string;
  /** How long one watch lasts before the next begins. Default: 30 s. */
  watchSeconds?: number;
}

/** Seconds that a watch may be silent beyond its own end: then its connection is half-open. */
const GRACE = 5;

/** Lists, then watches, until the signal: through restarts, expired versions, and connections that fell silent. */
export async function follow(
  kube: Kube,
  path: string,
  on: Follower,
  signal: AbortSignal,
  { query = "", watchSeconds = 30 }: Following = {},
): Promise<void> {
  let version = "";
  const isOver = () => signal.aborted;
  for (let failures = 0; !signal.aborted;) {
    try {
      if (version === "") {
        const list = await kube.list(path, query, signal);
        version = list.version;
        on.replace(list.items);
        on.state?.(undefined);
      }
      const watch = `${path}?watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}${query}`;
      const idleMs = (watchSeconds + GRACE) * 1000;
      const answer = await kube.open("GET", `${watch}&resourceVersion=${version}`, { signal, idleMs });
      on.state?.(undefined);
      for await (const { type, object } of events(answer)) {
        failures = 0;
        if (type === "ERROR") throw new KubeError(Number(object.code), textOf(object.message) ?? "watch");
        version = textOf(fieldsOf(object.metadata).resourceVersion) ?? version;
        if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") on.change(type, object);
      }
    } catch (error) {
      const failure = asKubeError(error);
      // The version is too old, or of an etcd that is no more: from the beginning.
      if (failure.status === 410 || failure.status === 400) version = "";
      if (failure.status !== 410 && !isOver()) on.state?.(failure);
      await pause(failure, ++failures, signal);
    }
  }
}

async function* events(answer: AsyncIterable<unknown>) {
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === "") continue;
      const { type, object } = fieldsOf(JSON.parse(line));
      yield { type: textOf(type) ?? "", object: fieldsOf(object) };
    }
  }
}
