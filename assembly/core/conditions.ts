import { equals, indexOf, isAmong } from "./bytes";
import { ALL, Rule } from "./config";
import { Literal, lit, sizeOf, textOf } from "./literal";

/** What a rule may ask about a request. The one seam between the core and whatever holds the request. */
export abstract class Facts {
  /** The value that was asked for last. */
  text: usize = 0;
  size: i32 = 0;
  /** Tells requests apart that nothing else does. */
  id: u32 = 0;

  /** The first value of a header (or `:path`, `:method`) into `text`; false when there is none. */
  abstract header(name: usize, size: i32): bool;

  /** The same, by a name that is known. */
  known(name: Literal): bool {
    return this.header(textOf(name), sizeOf(name));
  }
}

const PATH: Literal = lit(":path");
const METHOD: Literal = lit(":method");
const COOKIE: Literal = lit("cookie");
const REQUEST_ID: Literal = lit("x-request-id");

/** Whether the rule's paths and methods take the request. */
export function admits(rule: Rule, facts: Facts): bool {
  return admitsMethod(rule, facts) && admitsPath(rule, facts);
}

function admitsMethod(rule: Rule, facts: Facts): bool {
  const methods = rule.methods;
  if (!methods) return true;
  if (!facts.known(METHOD)) return false;
  return isAmong(methods, facts.text, facts.size);
}

function admitsPath(rule: Rule, facts: Facts): bool {
  const paths = rule.paths;
  if (!paths) return true;
  if (!facts.known(PATH)) return false;
  const query = indexOf(facts.text, facts.size, 0x3f);
  const size = query < 0 ? facts.size : query;
  for (let i = 0; i < paths.length; i++) {
    const path = changetype<usize>(unchecked(paths[i]));
    const wanted = unchecked(paths[i]).byteLength - 1;
    const exact = load<u8>(path + wanted) == 0x3d;
    if (size < wanted || (exact && size != wanted)) continue;
    if (equals(facts.text, wanted, path, wanted)) return true;
  }
  return false;
}

/**
 * Whether the request is in the rule's share. The bucket follows from the sticky value alone, so the same user is in or out
 * for every rule, and whoever is in stays in when the share grows.
 */
export function inShare(rule: Rule, facts: Facts): bool {
  if (rule.share == ALL) return true;
  return <u64>bucket(rule, facts) < rule.share;
}

function bucket(rule: Rule, facts: Facts): u32 {
  const sticky = rule.sticky;
  if (sticky && stuck(sticky, rule.byCookie, facts) && facts.size > 0) return hash(facts.text, facts.size);
  if (facts.known(REQUEST_ID) && facts.size > 0) return hash(facts.text, facts.size);
  return finish(facts.id);
}

/** The value that a request sticks by into `facts.text`. */
function stuck(name: ArrayBuffer, byCookie: bool, facts: Facts): bool {
  return byCookie ? cookie(name, facts) : facts.header(changetype<usize>(name), name.byteLength);
}

/** The value of a cookie (RFC 6265, section 4.2.1) into `facts.text`. */
function cookie(name: ArrayBuffer, facts: Facts): bool {
  if (!facts.known(COOKIE)) return false;
  let at = facts.text;
  const end = at + facts.size;
  while (at < end) {
    while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 0x3b)) at++;
    const semicolon = indexOf(at, <i32>(end - at), 0x3b);
    const size = semicolon < 0 ? <i32>(end - at) : semicolon;
    const equal = indexOf(at, size, 0x3d);
    if (equal >= 0 && equals(at, equal, changetype<usize>(name), name.byteLength)) {
      facts.text = at + equal + 1;
      facts.size = size - equal - 1;
      return true;
    }
    at += size;
  }
  return false;
}

/** FNV-1a, its bits then spread over all 32 by MurmurHash3's finalizer, so that shares come out even. */
function hash(ptr: usize, size: i32): u32 {
  let h: u32 = 0x811c9dc5;
  for (let i = 0; i < size; i++) h = (h ^ load<u8>(ptr + i)) * 0x01000193;
  return finish(h);
}

function finish(h: u32): u32 {
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}
