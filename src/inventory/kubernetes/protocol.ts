/** Istio's protocol selection (pkg/config/kube/conversion.go, ConvertProtocol). */

/** What the filter sees of a port: its requests, nothing, or what turns out to be HTTP when it comes. */
export type PortKind = "http" | "not-http" | "sniffed";

const HTTP = new Set(["http", "http2", "http_proxy", "grpc", "grpc-web"]);
const OTHER = new Set(["tcp", "udp", "tls", "https", "mongo", "redis", "mysql", "hbone", "double_hbone"]);
const APP_PROTOCOLS = new Map<string, PortKind>([
  ["kubernetes.io/h2c", "http"],
  ["kubernetes.io/ws", "http"],
  ["kubernetes.io/wss", "not-http"],
]);
/** Ports whose servers speak first, which Istio therefore does not sniff: SMTP, DNS, MySQL, MongoDB. */
const SERVER_FIRST = new Set([25, 53, 3306, 27017]);

/** What Istio takes a service's port for. */
export function portKind(name: string, number: number, appProtocol?: string, protocol = "TCP"): PortKind {
  if (protocol !== "TCP") return "not-http";
  const known = appProtocol === undefined ? undefined : APP_PROTOCOLS.get(appProtocol.toLowerCase());
  if (known) return known;
  const told = (appProtocol ?? name).toLowerCase();
  const prefix = told.startsWith("grpc-web") ? "grpc-web" : told.split("-", 1)[0]!;
  if (HTTP.has(prefix)) return "http";
  if (OTHER.has(prefix) || SERVER_FIRST.has(number)) return "not-http";
  return "sniffed";
}

/** What usually speaks another protocol than HTTP: the beginning of an IANA name, and its ports. */
const USUAL: [name: string, ...ports: number[]][] = [
  ["redis", 6379, 26379],
  ["postgres", 5432],
  ["mysql", 3306],
  ["mongo", 27017],
  ["kafka", 9092],
  ["amqp", 5671, 5672],
  ["memcache", 11211],
  ["zookeeper", 2181],
  ["cassandra", 9042],
  ["nats", 4222],
  ["mqtt", 1883, 8883],
  ["ldap", 389, 636],
  ["smtp", 25, 465, 587],
  ["ssh", 22],
];

/** What to call a port that has no protocol: never http where it is likely to be something else, for Istio would break it. */
export function protocolHint({ name, number }: { name: string; number: number }): string {
  const usual = USUAL.find(([what, ...ports]) => ports.includes(number) || name.toLowerCase().includes(what));
  return usual
    ? `it looks like ${usual[0]}: then appProtocol: tcp, never http`
    : "appProtocol: http, http2 or grpc if it is that; tcp if it is not";
}
