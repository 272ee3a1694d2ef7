import { Config } from "./config";
import { readNames, readOverride } from "./extras-reader";
import { Fields } from "./fields";
import { JsonReader } from "./json";
import { lit, Literal } from "./literal";
import { CLUSTER_ID, isClusterId, isHost } from "./names";
import { Problems } from "./problems";
import { readRules } from "./rule-reader";

/** The largest configuration that is read, in bytes: some 250,000 rules. */
export const MAX_CONFIG: i32 = 16 * 1024 * 1024;

const TOP: StaticArray<Literal> = [
  lit("version"),
  lit("enabled"),
  lit("localCluster"),
  lit("clusterDomain"),
  lit("clusters"),
  lit("override"),
  lit("names"),
  lit("debug"),
  lit("rules"),
];
/**
 * Reads a plugin configuration (schema: src/policy/plugin-config.ts). What is wrong goes to `problems`; the result is
 * of use only when there are none.
 */
export function readConfig(ptr: usize, size: i32, problems: Problems): Config {
  const config = new Config();
  if (size == 0 || size > MAX_CONFIG) {
    const text = problems.begin().add(lit("(root): the configuration is "));
    text.add(size == 0 ? lit("empty") : lit("larger than 16 MiB"));
    return config;
  }
  const json = new JsonReader(ptr, size);
  readTop(config, new Fields(json, problems));
  json.finish();
  config.texts = json.copies;
  json.report(problems);
  return config;
}

function readTop(config: Config, fields: Fields): void {
  if (!fields.object()) return;
  for (let field = fields.next(TOP); field >= 0; field = fields.next(TOP)) {
    if (field == 0) readVersion(fields);
    else if (field == 1) config.enabled = fields.boolean(true);
    else if (field == 2) config.localCluster = fields.name(CLUSTER_ID, isClusterId);
    else if (field == 3) {
      const domain = fields.name(lit("a DNS name such as cluster.local"), isHost);
      if (domain) config.clusterDomain = domain;
    } else if (field == 4) config.clusters = fields.names(CLUSTER_ID, isClusterId);
    else if (field == 5) config.overrides = readOverride(fields);
    else if (field == 6) readNames(config, fields);
    else if (field == 7) fields.boolean(false);
    else readRules(config, fields);
  }
  if (fields.json.failed) return;
  if ((fields.seen & 1) == 0) fields.problems.begin().add(lit("version: missing, allowed: 1"));
}

function readVersion(fields: Fields): void {
  const version = fields.number(lit("1"));
  if (!isNaN(version) && version != 1) {
    const json = fields.json;
    fields.wrong().add(lit("found ")).bytes(json.text, min(json.size, 80)).add(lit(", allowed: 1"));
  }
}
