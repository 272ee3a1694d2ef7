import { display } from "./bytes";
import { ALL, Config, MODES, Mode, PathMatch, PatternKind, Rule, Sticky, WrittenPattern } from "./config";
import { Fields } from "./fields";
import { CLUSTER_ID, isCaller, isClusterId, isCookie, isMethod, isPath, isToken } from "./names";
import { patternProblem } from "./pattern";

const RULE: StaticArray<string> = [
  "services",
  "hosts",
  "mode",
  "order",
  "callers",
  "paths",
  "methods",
  "percent",
  "sticky",
];
const PATH: StaticArray<string> = ["exact", "prefix"];
const STICKY: StaticArray<string> = ["header", "cookie"];

const CALLER = '"namespace/workload", each with a "*" at its end where any will do';

/** Reads the list of rules, and their patterns, into the configuration. */
export function readRules(config: Config, fields: Fields): void {
  if (!fields.array("rules")) return;
  while (fields.json.nextItem()) readRule(config, fields);
}

function readRule(config: Config, fields: Fields): void {
  const rule = new Rule(config.rules.length);
  config.rules.push(rule);
  if (!fields.object()) return;
  let seen: u32 = 0;
  while (fields.json.nextKey()) {
    const field = fields.known(RULE, seen);
    if (field < 0) continue;
    seen |= 1 << field;
    if (field == 0) readPatterns(config, rule, PatternKind.Service, fields);
    else if (field == 1) readPatterns(config, rule, PatternKind.Host, fields);
    else if (field == 2) rule.mode = <Mode>fields.choice(MODES, Mode.Strict);
    else if (field == 3) rule.order = fields.names(CLUSTER_ID, isClusterId);
    else if (field == 4) rule.callers = fields.names(CALLER, isCaller);
    else if (field == 5) rule.paths = readPaths(fields);
    else if (field == 6) rule.methods = fields.names("a method in upper case", isMethod);
    else if (field == 7) rule.share = readPercent(fields);
    else if (field == 8) rule.sticky = readSticky(fields);
  }
  const problems = fields.problems;
  if ((seen & 3) == 0) problems.add(rule.path, 'names nothing, allowed: "services", "hosts" or both');
  if ((seen & 4) == 0)
    problems.add(rule.path + ".mode", 'missing, allowed: "strict", "prefer", "observe" or "off"');
  if (rule.order && rule.mode != Mode.Prefer)
    problems.add(rule.path + ".order", 'allowed only with mode "prefer"');
  if ((seen & 0x180) == 0x100) problems.add(rule.path + ".sticky", 'allowed only with "percent"');
}

function readPatterns(config: Config, rule: Rule, kind: PatternKind, fields: Fields): void {
  if (!fields.array("patterns")) return;
  let count = 0;
  while (fields.json.nextItem()) {
    const index = count++;
    if (!fields.string("a pattern")) continue;
    const text = fields.json.text;
    const size = fields.json.size;
    const problem = patternProblem(kind, text, size);
    if (problem.length > 0) fields.wrong('found "' + display(text, size) + '", allowed: ' + problem);
    else config.patterns.push(new WrittenPattern(kind, text, size, rule, index));
  }
  if (count == 0 && !fields.json.failed) fields.wrong("found an empty list, allowed: at least one entry");
}

function readPaths(fields: Fields): PathMatch[] {
  const paths: PathMatch[] = [];
  if (!fields.array('objects with "exact" or "prefix"')) return paths;
  let count = 0;
  while (fields.json.nextItem()) {
    count++;
    if (!fields.object()) continue;
    let seen: u32 = 0;
    while (fields.json.nextKey()) {
      const field = fields.known(PATH, seen);
      if (field < 0) continue;
      seen |= 1 << field;
      const path = fields.name('a path that begins with "/", without query', isPath);
      if (path) paths.push(new PathMatch(field == 1, path));
    }
    if ((seen == 0 || seen == 3) && !fields.json.failed)
      fields.wrong('allowed: exactly one of "exact" and "prefix"');
  }
  if (count == 0 && !fields.json.failed) fields.wrong("found an empty list, allowed: at least one entry");
  return paths;
}

function readPercent(fields: Fields): u64 {
  const percent = fields.number("a number from 0 to 100");
  if (isNaN(percent)) return ALL;
  if (percent >= 0 && percent <= 100) return <u64>((percent / 100) * <f64>ALL);
  fields.wrong(
    "found " + display(fields.json.text, fields.json.size) + ", allowed: a number from 0 to 100",
  );
  return ALL;
}

function readSticky(fields: Fields): Sticky | null {
  let sticky: Sticky | null = null;
  if (!fields.object()) return null;
  let seen: u32 = 0;
  while (fields.json.nextKey()) {
    const field = fields.known(STICKY, seen);
    if (field < 0) continue;
    seen |= 1 << field;
    const name =
      field == 0 ? fields.name("a header name in lower case", isToken) : fields.name("a cookie name", isCookie);
    if (name) sticky = new Sticky(field == 1, name);
  }
  if ((seen == 0 || seen == 3) && !fields.json.failed)
    fields.wrong('allowed: exactly one of "header" and "cookie"');
  return sticky;
}
