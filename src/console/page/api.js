/** Talks to the server. The key came in the address, after `#`, which browsers keep to themselves. */

const KEY = "cluster-local-console";

/** Takes the key out of the address, where it would stay in the history. */
export function takeKey(text = location.hash) {
  const found = /token=([-\w]+)/.exec(text)?.[1] ?? (text.startsWith("#") ? undefined : text.trim());
  if (found) sessionStorage.setItem(KEY, found);
  if (location.hash.includes("token=")) history.replaceState(null, "", location.pathname);
}

const headers = () => ({ "x-console-token": sessionStorage.getItem(KEY) ?? "" });

/** An answer that is no success: what to tell, a line each. */
export class Problems extends Error {
  constructor(status, problems) {
    super(problems.join("\n"));
    this.status = status;
    this.problems = problems;
  }
}

/** Throws Problems. */
export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { ...headers(), "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Problems(0, ["the console does not answer: is it still running?"]);
  }
  const answer = await response.json();
  if (!response.ok) throw new Problems(response.status, answer.problems);
  return answer;
}

/**
 * Listens for events for good: reads the stream, and when it ends opens another. EventSource could not send the key.
 *
 * @param on told each event by name and data, and the state: `connecting`, `live`, `lost` or `locked`
 */
export async function listen(on) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
    try {
      const response = await fetch("api/events", { headers: headers() });
      if (response.status === 401) return on.state("locked");
      if (response.ok) {
        on.state("live");
        wait = 500;
        for await (const { name, data } of events(response.body)) on.event(name, data);
      }
    } catch {
      // It is gone; below it is asked again.
    }
    on.state("lost");
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (rest + value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      if (name) yield { name, data: JSON.parse(data) };
    }
  }
}
