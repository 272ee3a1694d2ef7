import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { ApiServer } from "./api-server.ts";

/** A request that writes, as it passes the gate. */
export interface Passing {
  /** Before the API server has it, or after it has obeyed and before the answer is passed on. */
  when: "before" | "after";
  /** `PATCH destinationrules`, `PATCH clusterlocalpolicies/status`. */
  what: string;
}

/** A gate before an API server, where a test sees each write of the controller and may end it there. */
export class Gate {
  /** Returns whether the request ends here. */
  stops: (passing: Passing) => Promise<boolean> | boolean = () => false;

  private constructor(
    private readonly server: Server,
    readonly kubeconfig: string,
  ) {}

  static async open(api: ApiServer): Promise<Gate> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const kubeconfig = join(api.folder, "gate.kubeconfig");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(kubeconfig, api.kubeconfig("controller", url));
    const gate = new Gate(server, kubeconfig);
    server.on("request", (request, answer) => void gate.pass(request, answer, api.port));
    return gate;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(request: IncomingMessage, answer: ServerResponse, port: number): Promise<void> {
    const { method, url, headers } = request;
    const what = `${method!} ${resourceOf(url!)}`;
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const ends = async (when: Passing["when"]) => method !== "GET" && (await this.stops({ when, what }));
    if (await ends("before")) return void request.socket.destroy();
    const options = { host: "127.0.0.1", port, method, path: url, headers, rejectUnauthorized: false };
    const forward = httpsRequest(options, (response) => {
      void (async () => {
        if (await ends("after")) return void request.socket.destroy();
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
      })();
    });
    answer.once("close", () => forward.destroy());
    forward.once("error", () => answer.destroy());
    forward.end(Buffer.concat(body));
  }
}

/** `destinationrules` of a path, with the subresource where it has one. */
function resourceOf(url: string): string {
  const parts = new URL(url, "http://x").pathname.split("/").slice(url.startsWith("/apis/") ? 4 : 3);
  const [resource, , subresource] = parts[0] === "namespaces" ? parts.slice(2) : parts;
  return subresource === undefined ? resource! : `${resource!}/${subresource}`;
}
