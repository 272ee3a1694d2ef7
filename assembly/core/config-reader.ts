import { Config, Pin, Via, VIAS } from "./config";
import { readAbsent, readNames, readOverride } from "./extras-reader";
import { Fields } from "./fields";
import { JsonReader } from "./json";
import { lit, Literal } from "./literal";
import { CLUSTER_ID, OWN_HEADER, isClusterId, isHost, isOwnHeader, isPrintable } from "./names";
import { Problems } from "./problems";
import { readRules } from "./rule-reader";
import { sameText } from "./same";
import { templateProblem } from "./template";

/** The largest configuration that is read, in bytes: some 250,000 rules. */
export const MAX_CONFIG: i32 = 16 * 1024 * 1024;

const TOP: StaticArray<Literal> = [
  lit("version"),
  lit("enabled"),
  lit("localCluster"),
  lit("clusterDomain"),
  lit("clusters"),
  lit("pin"),
  lit("override"),
  lit("names"),
  lit("absent"),
  lit("debug"),
  lit("rules"),
];
const PIN: StaticArray<Literal> = [lit("via"), lit("headers"), lit("template"), lit("subsetTemplate")];
const HEADERS: StaticArray<Literal> = [lit("cluster"), lit("order"), lit("target")];

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
    else if (field == 5) readPin(config.pin, fields);
    else if (field == 6) config.overrides = readOverride(fields);
    else if (field == 7) readNames(config, fields);
    else if (field == 8) readAbsent(config, fields);
    else if (field == 9) config.debug = fields.boolean(false);
    else readRules(config, fields);
  }
  if (fields.json.failed) return;
  if ((fields.seen & 1) == 0) fields.problems.begin().add(lit("version: missing, allowed: 1"));
  checkHeaders(config, fields.problems);
}

/** One header for two things: what is set for the one would be removed for the other. */
function checkHeaders(config: Config, problems: Problems): void {
  const pin = config.pin;
  const own: ArrayBuffer[] = [pin.cluster, pin.order, pin.target];
  for (let i = 1; i < own.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!sameText(own[i], own[j])) continue;
      const text = problems
        .begin()
        .add(lit("pin.headers."))
        .add(HEADERS[i])
        .add(lit(": the same header as "));
      text.add(HEADERS[j]).add(lit(", allowed: another"));
      break;
    }
  }
  const header = config.overrides ? config.overrides!.header : null;
  for (let i = 0; header && i < own.length; i++) {
    if (!sameText(own[i], header)) continue;
    const text = problems.begin().add(lit("override.header: found "));
    text
      .quote(changetype<usize>(own[i]), own[i].byteLength)
      .add(lit(", which carries the pin, allowed: another"));
    break;
  }
}

function readVersion(fields: Fields): void {
  const version = fields.number(lit("1"));
  if (!isNaN(version) && version != 1) {
    const json = fields.json;
    fields.wrong().add(lit("found ")).bytes(json.text, min(json.size, 80)).add(lit(", allowed: 1"));
  }
}

function readPin(pin: Pin, fields: Fields): void {
  if (!fields.object()) return;
  for (let field = fields.next(PIN); field >= 0; field = fields.next(PIN)) {
    if (field == 0) pin.via = <Via>fields.choice(VIAS, Via.Metadata);
    else if (field == 1) readHeaders(pin, fields);
    else if (field == 2) pin.template = readTemplate(pin.template, false, fields);
    else pin.subsetTemplate = readTemplate(pin.subsetTemplate, true, fields);
  }
}

function readHeaders(pin: Pin, fields: Fields): void {
  if (!fields.object()) return;
  for (let field = fields.next(HEADERS); field >= 0; field = fields.next(HEADERS)) {
    const name = fields.name(OWN_HEADER, isOwnHeader);
    if (!name) continue;
    if (field == 0) pin.cluster = name;
    else if (field == 1) pin.order = name;
    else pin.target = name;
  }
}

function readTemplate(otherwise: ArrayBuffer, subset: bool, fields: Fields): ArrayBuffer {
  const template = fields.name(lit("printable ASCII without space"), isTemplate);
  if (!template) return otherwise;
  const placeholders = templateProblem(template, subset);
  if (placeholders == 0) return template;
  fields.found().add(lit("in braces ")).add(placeholders);
  return otherwise;
}

function isTemplate(ptr: usize, size: i32): bool {
  return isPrintable(ptr, size, 253);
}
