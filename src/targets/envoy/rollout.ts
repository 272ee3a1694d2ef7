import type { Mesh } from "../../inventory/model.ts";
import type { Policy } from "../../policy/policy.ts";
import { milliseconds } from "./duration.ts";
import type { EnvoyOptions } from "./files.ts";
import { filesOf } from "./index.ts";
import { ANYWHERE, folderOf } from "./names.ts";

/** Files that may be replaced together. */
export interface Stage {
  files: ReadonlyMap<string, string>;
  /** How long running Envoys need, in milliseconds, until what these files say may be relied on by the next. */
  settleMs: number;
}

/** A file is read, and the workers have it. On an idle machine some ten milliseconds. */
const READ_MS = 500;
/** So long a request that was decided before may still look for a route or a cluster. */
const DECIDED_MS = 1000;

/**
 * What `generateEnvoy` makes, in the order in which running Envoys can take it up without a request that falls between two
 * configurations: a cluster serves once its first health check is through, a route must find its clusters, and what the
 * filter writes as the pin must be known to the route. So clusters first, routes, the filter; what is no longer needed goes
 * after that, the other way round.
 *
 * @param read a file of the output folder as it is now; undefined when there is none
 */
export function rollout(
  policy: Policy,
  mesh: Mesh,
  options: EnvoyOptions,
  read: (path: string) => string | undefined,
): Stage[] {
  const running = new Map(
    mesh.callers.map((caller) => {
      const folder = folderOf(caller);
      const clusters = namesIn(read(`${folder}/clusters.yaml`) ?? "");
      return [folder, { clusters, anywhere: knowsAnywhere(read(`${folder}/routes.yaml`) ?? "") }];
    }),
  );
  const last = filesOf(policy, mesh, options);
  const kept = last.every(({ folder, clusters, routes }) => {
    const names = new Set(clusters.flatMap(([, text]) => namesIn(text)));
    const before = running.get(folder)!;
    const anywhere = routes.some(([, text]) => knowsAnywhere(text));
    return before.clusters.every((name) => names.has(name)) && (anywhere || !before.anywhere);
  });
  const both = kept ? last : filesOf(policy, mesh, { ...options, running });
  const stage = (files: [string, string][][], settleMs: number) => ({
    files: new Map(files.flat()),
    settleMs,
  });
  return [
    stage(
      both.map(({ clusters }) => clusters),
      warmMs(mesh),
    ),
    stage(
      both.map(({ routes }) => routes),
      READ_MS,
    ),
    stage(
      last.map(({ rest }) => rest),
      DECIDED_MS,
    ),
    stage(
      last.map(({ routes }) => routes),
      READ_MS,
    ),
    stage(
      last.map(({ clusters }) => clusters),
      0,
    ),
  ];
}

/** Envoy clusters of ours in a file that toYaml wrote. */
function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/^ {4}name: ("outbound.*")$/gm), ([, name]) => JSON.parse(name!) as string);
}

const knowsAnywhere = (text: string) => text.includes(`"${ANYWHERE}":`);

/** A cluster is warm when each endpoint was checked once, which takes no longer than the check's timeout. */
function warmMs({ services }: Mesh): number {
  return READ_MS + Math.max(0, ...services.map(({ healthCheck }) => milliseconds(healthCheck.timeout)));
}
