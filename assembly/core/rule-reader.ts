import {
  ALL,
  Config,
  MODES,
  Mode,
  PathMatch,
  PatternKind,
  Rule,
  Sticky,
  WrittenPattern,
  kept,
} from "./config";
import { Fields } from "./fields";
import { lit, Literal } from "./literal";
import { CLUSTER_ID, isCaller, isClusterId, isCookie, isMethod, isPath, isToken } from "./names";
import { patternProblem } from "./pattern";
import { samePath } from "./same";

const RULE: StaticArray<Literal> = [
  lit("services"),
  lit("hosts"),
  lit("mode"),
  lit("order"),
  lit("callers"),
  lit("paths"),
  lit("methods"),
  lit("percent"),
  lit("sticky"),
];
const PATH: StaticArray<Literal> = [lit("exact"), lit("prefix")];
const STICKY: StaticArray<Literal> = [lit("header"), lit("cookie")];

const PERCENT: Literal = lit("a number from 0 to 100");
const CALLER: Literal = lit('"namespace/workload", each with a "*" at its end where any will do');

/** Reads the list of rules, and their patterns, into the configuration. */
export function readRules(config: Config, fields: Fields): void {
  if (!fields.array(lit("a list of rules"))) return;
  let rule = new Rule(0);
  for (let index = 0; fields.json.nextItem(); index++) {
    const from = config.patterns.length;
    readRule(config, rule, fields);
    const read = kept(rule);
    for (let i = from; i < config.patterns.length; i++) config.patterns[i].rule = read;
    // A plain one is not kept, and does again for the next.
    if (read == rule) rule = new Rule(0);
    rule.mode = Mode.Strict;
    rule.index = index + 1;
  }
}

function readRule(config: Config, rule: Rule, fields: Fields): void {
  if (!fields.object()) return;
  for (let field = fields.next(RULE); field >= 0; field = fields.next(RULE)) {
    if (field == 0) readPatterns(config, rule, PatternKind.Service, fields);
    else if (field == 1) readPatterns(config, rule, PatternKind.Host, fields);
    else if (field == 2) rule.mode = <Mode>fields.choice(MODES, Mode.Strict);
    else if (field == 3) rule.order = fields.names(CLUSTER_ID, isClusterId);
    else if (field == 4) rule.callers = fields.names(CALLER, isCaller);
    else if (field == 5) rule.paths = readPaths(fields);
    else if (field == 6) rule.methods = fields.names(lit("a method in upper case"), isMethod);
    else if (field == 7) rule.share = readPercent(fields);
    else rule.sticky = readSticky(fields);
  }
  if (fields.json.failed) return;
  const seen = fields.seen;
  if ((seen & 3) == 0) fields.wrong().add(lit('names nothing, allowed: "services", "hosts" or both'));
  if ((seen & 4) == 0) rule.wrong(fields.problems, lit(".mode")).add(lit("missing, allowed: ")).oneOf(MODES);
  if (rule.order && rule.mode != Mode.Prefer) {
    rule.wrong(fields.problems, lit(".order")).add(lit('allowed only with mode "prefer"'));
  }
  if ((seen & 0x180) == 0x100)
    rule.wrong(fields.problems, lit(".sticky")).add(lit('allowed only with "percent"'));
}

function readPatterns(config: Config, rule: Rule, kind: PatternKind, fields: Fields): void {
  if (!fields.array(lit("a list of patterns"))) return;
  let count = 0;
  while (fields.json.nextItem()) {
    const index = count++;
    if (!fields.string(lit("a pattern"))) continue;
    const text = fields.json.text;
    const size = fields.json.size;
    const problem = patternProblem(kind, text, size);
    if (problem != 0) fields.found().add(problem);
    else config.patterns.push(new WrittenPattern(kind, text, size, rule.index, index));
  }
  fields.notEmpty(count);
}

function readPaths(fields: Fields): PathMatch[] {
  const paths: PathMatch[] = [];
  if (!fields.array(lit("a list of paths"))) return paths;
  let count = 0;
  while (fields.json.nextItem()) {
    count++;
    if (!fields.object()) continue;
    let path: PathMatch | null = null;
    for (let field = fields.next(PATH); field >= 0; field = fields.next(PATH)) {
      const text = fields.name(lit('a path that begins with "/", without query'), isPath);
      if (text) path = new PathMatch(field == 1, text);
    }
    if (!exactlyOne(PATH, fields) || !path) continue;
    paths.push(path);
    if (repeatsLast(paths)) fields.wrong().add(lit("found a second time, allowed once"));
  }
  fields.notEmpty(count);
  return paths;
}

/** Whether the path read last stands in the list already. */
function repeatsLast(paths: PathMatch[]): bool {
  const last = paths.length - 1;
  for (let i = 0; i < last; i++) if (samePath(paths[i], paths[last])) return true;
  return false;
}

function readPercent(fields: Fields): u64 {
  const percent = fields.number(PERCENT);
  if (isNaN(percent)) return ALL;
  if (percent >= 0 && percent <= 100) return <u64>((percent / 100) * <f64>ALL);
  const json = fields.json;
  fields.wrong().add(lit("found ")).bytes(json.text, min(json.size, 80)).add(lit(", allowed: ")).add(PERCENT);
  return ALL;
}

function readSticky(fields: Fields): Sticky | null {
  let sticky: Sticky | null = null;
  if (!fields.object()) return null;
  for (let field = fields.next(STICKY); field >= 0; field = fields.next(STICKY)) {
    const name =
      field == 0
        ? fields.name(lit("a header name in lower case"), isToken)
        : fields.name(lit("a cookie name"), isCookie);
    if (name) sticky = new Sticky(field == 1, name);
  }
  exactlyOne(STICKY, fields);
  return sticky;
}

/** For the end of an object that must have one of two fields: whether it does. */
function exactlyOne(names: StaticArray<Literal>, fields: Fields): bool {
  if (fields.json.failed) return false;
  if (fields.seen == 1 || fields.seen == 2) return true;
  fields.wrong().add(lit("allowed: exactly one of ")).oneOf(names);
  return false;
}
