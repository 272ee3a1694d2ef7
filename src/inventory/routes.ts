import type { Path } from "../input/path.ts";
import { serviceKey, type Destination, type Route, type Service } from "./mesh-types.ts";
import type { RouteEntry } from "./schema.ts";

/** The model of a route that has passed its checks. */
export function routeOf(entry: RouteEntry, path: Path, services: ReadonlyMap<string, Service>): Route {
  const { match, rewrite, hostRewrite, redirect, service, port, cluster, weighted, mirror } = entry;
  const to =
    weighted?.map((one, index) => destination(one, [...path, "weighted", index], services)) ??
    (service === undefined ? [] : [destination({ service, port, cluster }, path, services)]);
  return {
    path,
    match,
    rewrite,
    hostRewrite,
    redirect,
    to,
    mirror: mirror && {
      ...destination(mirror, [...path, "mirror"], services),
      percent: mirror.percent ?? 100,
    },
  };
}

function destination(
  { service: name, port, cluster, weight = 1 }: Named,
  path: Path,
  services: ReadonlyMap<string, Service>,
): Destination {
  const service =
    port === undefined
      ? [...services.values()].find(
          ({ namespace, name: own }) => `${namespace}/${own}` === name.toLowerCase(),
        )
      : services.get(serviceKey(name, port));
  if (!service) throw new Error(`no such service: ${name}`);
  return { path, service, cluster, weight };
}

interface Named {
  service: string;
  port?: number | undefined;
  cluster?: string | undefined;
  weight?: number;
}
