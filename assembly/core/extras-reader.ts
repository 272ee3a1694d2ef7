import { Config, PatternKind, WrittenName } from "./config";
import { Fields } from "./fields";
import { lit, Words } from "./literal";
import { CLUSTER_ID, isClusterId, isClusterName, isHost, isLabel, isOwnHeader, isService } from "./names";

const OVERRIDE: Words = lit("header,allow,from");

/** Reads the `override` object. */
export function readOverride(config: Config, fields: Fields): void {
  if (!fields.object()) return;
  for (let field = fields.next(OVERRIDE); field >= 0; field = fields.next(OVERRIDE)) {
    if (field == 0) {
      const what = lit('a header name that begins with "x-", in lower case');
      config.overrideHeader = fields.name(what, isOwnHeader);
    } else if (field == 1) config.overrideAllow = fields.names(CLUSTER_ID, isClusterId);
    else config.overrideFrom = fields.names(lit("a namespace"), isLabel);
  }
  if (fields.json.failed) return;
  if ((fields.seen & 1) == 0) fields.missing(lit("override.header"));
  if ((fields.seen & 2) == 0) fields.missing(lit("override.allow"));
  if ((fields.seen & 4) == 0) fields.missing(lit("override.from"));
}

/** Reads the `names` object: cluster names that stand for a service or a host. */
export function readNames(config: Config, fields: Fields): void {
  if (!fields.object()) return;
  const json = fields.json;
  const what = lit('a service "namespace/name" or a host');
  while (json.nextKey()) {
    const name = json.text;
    const nameSize = json.size;
    if (!isClusterName(name, nameSize)) {
      fields.wrong().add(lit("allowed: the name of an Envoy cluster"));
      json.skip();
    } else if (fields.string(what)) {
      const service = isService(json.text, json.size);
      const kind = service ? PatternKind.Service : PatternKind.Host;
      if (service || isHost(json.text, json.size)) {
        config.names.push(new WrittenName(name, nameSize, kind, json.text, json.size));
      } else fields.found().add(what);
    }
  }
}
