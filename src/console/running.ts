import { isRefused } from "../doctor/facts.ts";
import { adminAddress, ask, askDump } from "../live/admin/client.ts";
import { parseStats } from "../live/admin/stats.ts";
import { LiveError } from "../live/live-error.ts";
import { discoveredPlugins } from "../live/state/plugins.ts";
import { driftOf } from "../policy/drift.ts";
import { parsePluginConfig } from "../policy/plugin-config.ts";
import type { Policy } from "../policy/policy.ts";
import type { Proxy } from "./topology.ts";
import type { ProxyView } from "./view.ts";

type Answer = ProxyView["policy"];

/** What runs the policy is asked again after so long; what does not, each time. In milliseconds. */
const TRUSTED = 15_000;
const TIMEOUT = 5000;

/** Knows which proxies run a policy: what its file says, and what was applied, may be two things. */
export class Running {
  readonly #known = new Map<string, { answer: Answer; policy: Policy; at: number }>();

  /** By admin address. Never throws: of a proxy that cannot be asked nothing is known. */
  async of(proxies: readonly Proxy[], policy: Policy): Promise<ReadonlyMap<string, Answer>> {
    const answers = proxies.map(async ({ admin, caller }) => {
      const answer = caller?.plugin === false ? "none" : await this.#ask(admin, policy);
      return [admin, answer] as const;
    });
    return new Map(await Promise.all(answers));
  }

  async #ask(admin: string, policy: Policy): Promise<Answer> {
    const known = this.#known.get(admin);
    const now = performance.now();
    if (known?.policy === policy && known.answer === "this" && now - known.at < TRUSTED) return "this";
    const answer = await runningIn(admin, policy);
    this.#known.set(admin, { answer, policy, at: now });
    return answer;
  }
}

/** Only of a filter whose configuration is discovered (ECDS), as both generators have it, is it known. */
async function runningIn(address: string, policy: Policy): Promise<Answer> {
  try {
    const admin = adminAddress(address);
    const options = { timeoutMs: TIMEOUT };
    const plugins = discoveredPlugins(await askDump(admin, "ecds_filters", options));
    if (plugins.length === 0) return undefined;
    const filter = encodeURIComponent("^extension_config_discovery\\.");
    const stats = parseStats(await ask(admin, `/stats?filter=${filter}`, options));
    const isOther = plugins.some((plugin) => {
      const parsed = parsePluginConfig(plugin.text, "configuration");
      return !parsed.ok || isRefused(plugin, { stats }) || driftOf(parsed.value, policy).length > 0;
    });
    return isOther ? "another" : "this";
  } catch (error) {
    if (error instanceof LiveError) return undefined;
    throw error;
  }
}
