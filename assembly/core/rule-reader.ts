import { List } from "./list";
import { isAmong } from "./bytes";
import { ALL, Config, MODE_NAMES, Mode, PatternKind, PLAIN, Rule, WrittenPattern } from "./config";
import { Fields } from "./fields";
import { lit, Literal, Words } from "./literal";
import { CLUSTER_ID, isCaller, isClusterId, isCookie, isMethod, isPath, isToken } from "./names";
import { patternProblem } from "./pattern";

const RULE: Words = lit("services,hosts,mode,order,callers,paths,methods,percent,sticky");
const PATH: Words = lit("exact,prefix");
const STICKY: Words = lit("header,cookie");

const PERCENT: Literal = lit("a number from 0 to 100");
const CALLER: Literal = lit('"namespace/workload", each with a "*" at its end where any will do');

/** Reads the list of rules, and their patterns, into the configuration. */
export function readRules(config: Config, fields: Fields): void {
  if (!fields.array(lit("a list of rules"))) return;
  const hosts: List<WrittenPattern> = new List<WrittenPattern>();
  for (let index = 0; fields.json.nextItem(); index++) {
    const from = config.patterns.length;
    const rule = new Rule(index);
    readRule(config.patterns, hosts, rule, fields);
    // A rule's services come before its hosts, whichever was written first.
    for (let i = 0; i < hosts.length; i++) config.patterns.push(hosts[i]);
    hosts.length = 0;
    const plain = fields.seen < 8 && rule.mode != Mode.Prefer;
    for (let i = from; i < config.patterns.length; i++)
      config.patterns[i].rule = plain ? PLAIN[rule.mode] : rule;
  }
}

function readRule(
  services: List<WrittenPattern>,
  hosts: List<WrittenPattern>,
  rule: Rule,
  fields: Fields,
): void {
  if (!fields.object()) return;
  for (let field = fields.next(RULE); field >= 0; field = fields.next(RULE)) {
    if (field == 0) readPatterns(services, rule, PatternKind.Service, fields);
    else if (field == 1) readPatterns(hosts, rule, PatternKind.Host, fields);
    else if (field == 2) rule.mode = <Mode>fields.choice(MODE_NAMES, Mode.Strict);
    else if (field == 3) rule.order = fields.names(CLUSTER_ID, isClusterId);
    else if (field == 4) rule.callers = fields.names(CALLER, isCaller);
    else if (field == 5) rule.paths = readPaths(fields);
    else if (field == 6) rule.methods = fields.names(lit("a method in upper case"), isMethod);
    else if (field == 7) rule.share = readPercent(fields);
    else readSticky(rule, fields);
  }
  if (fields.json.failed) return;
  const seen = fields.seen;
  if ((seen & 3) == 0) fields.wrong().add(lit('names nothing, allowed: "services", "hosts" or both'));
  if ((seen & 4) == 0) rule.wrong(fields.problems, lit(".mode: missing, allowed: ")).oneOf(MODE_NAMES);
  if (rule.order && rule.mode != Mode.Prefer)
    rule.wrong(fields.problems, lit('.order: allowed only with mode "prefer"'));
  if ((seen & 0x180) == 0x100) rule.wrong(fields.problems, lit('.sticky: allowed only with "percent"'));
}

function readPatterns(to: List<WrittenPattern>, rule: Rule, kind: PatternKind, fields: Fields): void {
  if (!fields.array(lit("a list of patterns"))) return;
  let count = 0;
  while (fields.json.nextItem()) {
    const index = count++;
    if (!fields.string(lit("a pattern"))) continue;
    const text = fields.json.text;
    const size = fields.json.size;
    const problem = patternProblem(kind, text, size);
    if (problem != 0) fields.found().add(problem);
    else to.push(new WrittenPattern(kind, text, size, rule.index, index));
  }
  fields.notEmpty(count);
}

function readPaths(fields: Fields): List<ArrayBuffer> {
  const paths: List<ArrayBuffer> = new List<ArrayBuffer>();
  if (!fields.array(lit("a list of paths"))) return paths;
  let count = 0;
  while (fields.json.nextItem()) {
    count++;
    const what = lit('a path that begins with "/", without query');
    const path = readOne(PATH, what, isPath, what, isPath, fields);
    if (!path) continue;
    const size = path.byteLength;
    const signed = new ArrayBuffer(size + 1);
    memory.copy(changetype<usize>(signed), changetype<usize>(path), size);
    store<u8>(changetype<usize>(signed) + size, fields.seen == 2 ? 0x2a : 0x3d);
    if (isAmong(paths, changetype<usize>(signed), size + 1)) fields.twice();
    paths.push(signed);
  }
  fields.notEmpty(count);
  return paths;
}

function readPercent(fields: Fields): u64 {
  const percent = fields.number(PERCENT);
  if (isNaN(percent)) return ALL;
  if (percent <= 100 && load<u8>(fields.json.text) != 0x2d) return <u64>((percent / 100) * <f64>ALL);
  fields.foundNumber(PERCENT);
  return ALL;
}

function readSticky(rule: Rule, fields: Fields): void {
  rule.sticky = readOne(
    STICKY,
    lit("a header name in lower case"),
    isToken,
    lit("a cookie name"),
    isCookie,
    fields,
  );
  rule.byCookie = fields.seen == 2;
}

/** Reads an object that must have exactly one of two fields: its name, null when it is none. */
function readOne(
  names: Words,
  first: Literal,
  isFirst: (ptr: usize, size: i32) => bool,
  second: Literal,
  isSecond: (ptr: usize, size: i32) => bool,
  fields: Fields,
): ArrayBuffer | null {
  let name: ArrayBuffer | null = null;
  if (!fields.object()) return null;
  for (let field = fields.next(names); field >= 0; field = fields.next(names)) {
    name = field == 0 ? fields.name(first, isFirst) : fields.name(second, isSecond);
  }
  if (fields.json.failed) return null;
  if (fields.seen == 1 || fields.seen == 2) return name;
  fields.wrong().add(lit("allowed: exactly one of ")).oneOf(names);
  return null;
}
