import { Config } from "./config";
import { Fields } from "./fields";
import { JsonReader } from "./json";
import { lit, Literal, Words } from "./literal";
import { CLUSTER_ID, isClusterId, isHost } from "./names";
import { readNames, readOverride } from "./extras-reader";
import { Problems } from "./problems";
import { readRules } from "./rule-reader";

/** The largest configuration that is read, in bytes: some 250,000 rules. */
export const MAX_CONFIG: i32 = 16 * 1024 * 1024;

const TOP: Words = lit("version,enabled,localCluster,clusterDomain,clusters,override,names,debug,rules");

/**
 * Reads a plugin configuration (schema: src/policy/plugin-config.ts). What is wrong goes to `problems`; the result is
 * of use only when there are none.
 */
export function readConfig(ptr: usize, size: i32, problems: Problems): Config {
  const config = new Config();
  let whole: Literal = 0;
  if (size == 0) whole = lit("empty or missing");
  else if (size > MAX_CONFIG) whole = lit("larger than 16 MiB");
  else {
    const json = new JsonReader(ptr, size);
    readTop(config, new Fields(json, problems));
    json.finish();
    config.texts = json.copies;
    if (!json.failed) return config;
    // After a syntax error the rest is guesswork, so it stands alone.
    problems.clear();
    if (isStruct(ptr, size)) whole = lit("a google.protobuf.Struct");
    else problems.begin().add(lit("(root): ")).bytes(json.syntaxError.ptr, json.syntaxError.size);
  }
  if (whole == 0) return config;
  const text = problems.begin().add(lit("(root): the configuration is ")).add(whole);
  if (size <= MAX_CONFIG) text.add(lit(", allowed: JSON in a google.protobuf.StringValue"));
  return config;
}

/** Whether what is no JSON looks like a Struct in the wire format: an entry of its map, whose key a value follows. */
function isStruct(ptr: usize, size: i32): bool {
  let at = 1;
  while (at < size && load<u8>(ptr + at) >= 0x80) at++;
  if (at + 2 >= size || load<u8>(ptr) != 0x0a || load<u8>(ptr + at + 1) != 0x0a) return false;
  const value = at + 3 + <i32>load<u8>(ptr + at + 2);
  return value < size && load<u8>(ptr + value) == 0x12;
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
    else if (field == 5) readOverride(config, fields);
    else if (field == 6) readNames(config, fields);
    // For generators: Envoy's own configuration shows the decision.
    else if (field == 7) fields.boolean(false);
    else readRules(config, fields);
  }
  if (fields.json.failed) return;
  if ((fields.seen & 1) == 0) fields.missing(lit("version"));
}

function readVersion(fields: Fields): void {
  const version = fields.number(lit("1"));
  if (!isNaN(version) && version != 1) fields.foundNumber(lit("1"));
}
