import { copyOf, display } from "./bytes";
import { Config, Override, PatternKind, WrittenAbsence, WrittenName } from "./config";
import { Fields } from "./fields";
import {
  CLUSTER_ID,
  isClusterId,
  isClusterName,
  isHost,
  isLabel,
  isOwnHeader,
  isService,
} from "./names";

const OVERRIDE: StaticArray<string> = ["header", "allow", "from"];

/** Reads the `override` object. */
export function readOverride(fields: Fields): Override | null {
  if (!fields.object()) return null;
  const rule = new Override();
  let seen: u32 = 0;
  while (fields.json.nextKey()) {
    const field = fields.known(OVERRIDE, seen);
    if (field < 0) continue;
    seen |= 1 << field;
    if (field == 0)
      rule.header = fields.name('a header name that begins with "x-", in lower case', isOwnHeader);
    else if (field == 1) rule.allow = fields.names('"local", "any" or ' + CLUSTER_ID, isClusterId);
    else rule.from = fields.names("a namespace", isLabel);
  }
  for (let i = 0; i < OVERRIDE.length; i++) {
    if ((seen & (1 << i)) == 0) fields.problems.add("override." + OVERRIDE[i], "missing");
  }
  return rule;
}

/** Reads the `names` object: cluster names that stand for a service or a host. */
export function readNames(config: Config, fields: Fields): void {
  if (!fields.object()) return;
  const json = fields.json;
  while (json.nextKey()) {
    const name = json.text;
    const nameSize = json.size;
    if (!isClusterName(name, nameSize)) {
      fields.wrong("allowed: the name of an Envoy cluster (1 to 512 printable ASCII characters, no dot first)");
      json.skip();
      continue;
    }
    const what = 'a service "namespace/name" or a host';
    if (!fields.string(what)) continue;
    const service = isService(json.text, json.size);
    if (!service && !isHost(json.text, json.size)) {
      fields.wrong('found "' + display(json.text, json.size) + '", allowed: ' + what);
      continue;
    }
    const kind = service ? PatternKind.Service : PatternKind.Host;
    config.names.push(new WrittenName(name, nameSize, kind, json.text, json.size));
  }
}

/** Reads the `absent` object: for each cluster the services that it has no endpoint of. */
export function readAbsent(config: Config, fields: Fields): void {
  if (!fields.object()) return;
  const json = fields.json;
  while (json.nextKey()) {
    if (!isClusterId(json.text, json.size)) {
      fields.wrong("allowed: " + CLUSTER_ID);
      json.skip();
      continue;
    }
    const cluster = copyOf(json.text, json.size);
    if (!fields.array("services")) continue;
    while (json.nextItem()) {
      if (!fields.string('a service "namespace/name"')) continue;
      if (isService(json.text, json.size))
        config.absent.push(new WrittenAbsence(cluster, json.text, json.size));
      else fields.wrong('found "' + display(json.text, json.size) + '", allowed: a service "namespace/name"');
    }
  }
}
