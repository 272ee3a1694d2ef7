import { connect, type ClientHttp2Session } from "node:http2";
import { once } from "node:events";

/** gRPC's framing of one message that is not compressed: a zero byte, four bytes of length, the message. */
export function encodeMessage(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export interface Http2Request {
  /** Where to connect: `127.0.0.1:15001`. */
  address: string;
  /** `:authority`, e.g. `echo.default:9000`. */
  host: string;
  path: string;
  /** Default POST when there is a body, else GET. */
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: Buffer;
  /** Default 5000. */
  timeoutMs?: number;
}

export interface Http2Response {
  status: number;
  headers: Record<string, string>;
  trailers: Record<string, string>;
  body: Buffer;
}

/** One request over an HTTP/2 connection of its own, without TLS. Throws when it fails or takes too long. */
export async function sendHttp2(request: Http2Request): Promise<Http2Response> {
  const session = connect(`http://${request.address}`);
  try {
    return await exchange(session, request);
  } finally {
    session.destroy();
  }
}

/** A unary gRPC call with the message given as bytes; `grpcStatus` is the code (0 is OK), in headers or trailers. */
export async function callGrpc(
  request: Omit<Http2Request, "method" | "body"> & { message?: Buffer },
): Promise<Http2Response & { grpcStatus: number; message: Buffer }> {
  const { message = Buffer.alloc(0), headers, ...rest } = request;
  const response = await sendHttp2({
    ...rest,
    headers: { "content-type": "application/grpc", te: "trailers", ...headers },
    body: encodeMessage(message),
  });
  const status = response.trailers["grpc-status"] ?? response.headers["grpc-status"];
  return { ...response, grpcStatus: Number(status ?? Number.NaN), message: response.body.subarray(5) };
}

async function exchange(session: ClientHttp2Session, request: Http2Request): Promise<Http2Response> {
  const { host, path, body, headers, method = body ? "POST" : "GET", timeoutMs = 5000 } = request;
  const stream = session.request({ ":authority": host, ":path": path, ":method": method, ...headers });
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = new Promise<never>((_, reject) => session.once("error", reject));
  const chunks: Buffer[] = [];
  const trailers: Record<string, string> = {};
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("trailers", (values) => {
    Object.assign(trailers, values);
  });
  const answered = once(stream, "response", { signal }) as Promise<[Record<string, string | number>]>;
  const ended = once(stream, "end", { signal });
  stream.end(body);
  const [[answer]] = await Promise.race([Promise.all([answered, ended]), failed]);
  const { ":status": status, ...rest } = answer;
  return {
    status: Number(status),
    headers: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
    trailers,
    body: Buffer.concat(chunks),
  };
}
