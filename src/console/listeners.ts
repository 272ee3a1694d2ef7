import type { ServerResponse } from "node:http";
import type { Send } from "./session.ts";

/** A page that does not take what it is sent is let go at so many bytes; it connects again. */
const BEHIND = 4 * 1024 * 1024;

/** The pages that are open: each gets every event, as Server-Sent Events (WHATWG HTML, section 9.2). */
export class Listeners {
  readonly #open = new Set<ServerResponse>();

  get count(): number {
    return this.#open.size;
  }

  add(response: ServerResponse): Send {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    this.#open.add(response);
    response.once("close", () => this.#open.delete(response));
    return (name, data) => void response.write(frame(name, data));
  }

  readonly send: Send = (name, data) => {
    if (this.#open.size === 0) return;
    const text = frame(name, data);
    for (const response of this.#open) {
      if (response.writableLength > BEHIND) response.destroy();
      else response.write(text);
    }
  };

  close(): void {
    for (const response of this.#open) response.destroy();
  }
}

/** JSON has no line breaks: one line of data. */
function frame(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
