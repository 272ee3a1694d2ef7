import { CONDITIONS } from "./conditions.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { INVENTORY } from "./inventory.ts";
import { ISTIO } from "./istio.ts";
import { MODES } from "./modes.ts";
import { OVERRIDE } from "./override.ts";
import { PATTERNS } from "./patterns.ts";
import { POLICY } from "./policy.ts";
import { TERMINAL } from "./terminal.ts";
import type { Topic } from "./topic.ts";

/** All topics by name, in the order in which people come to need them. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  policy: POLICY,
  modes: MODES,
  patterns: PATTERNS,
  conditions: CONDITIONS,
  override: OVERRIDE,
  inventory: INVENTORY,
  istio: ISTIO,
  "exit-codes": EXIT_CODES,
  terminal: TERMINAL,
};
