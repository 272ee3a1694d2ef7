import { FileError } from "../files/file-error.ts";
import { formatProblem, type Problem } from "../input/problem.ts";
import type { Prices } from "../live/prices.ts";
import { parsePolicy, type Policy } from "../policy/policy.ts";
import { watchDelivery } from "./delivery.ts";
import { setSwitch } from "./edit.ts";
import { Governor } from "./governed.ts";
import { DecisionLog } from "./log.ts";
import type { ConsoleMesh } from "./mesh.ts";
import { PolicyFile } from "./policy-file.ts";
import { explainArrow, type ArrowExplanation, type ArrowQuestion } from "./question.ts";
import { Refused } from "./refused.ts";
import { Running } from "./running.ts";
import { deliveryWords, switchWords } from "./words.ts";
import { readRules } from "./switch.ts";
import { costNow, trafficOf } from "./traffic.ts";
import type { Events, PolicyView, Switch, Traffic } from "./view.ts";
import { Watch } from "./watch.ts";

export type Send = <Name extends keyof Events>(name: Name, data: Events[Name]) => void;

/** All that the page is told and may do, without HTTP. */
export class Session {
  readonly #file: PolicyFile;
  readonly #mesh: ConsoleMesh;
  readonly #prices: Prices | undefined;
  readonly #watch = new Watch();
  readonly #log = new DecisionLog();
  readonly #running = new Running();
  /** The last change that was made to take effect. */
  #applied: Promise<string[]> = Promise.resolve([]);
  #view: PolicyView | undefined;
  /** The revision that all open pages know. */
  #told: string | undefined;
  #traffic: Traffic | undefined;
  /** What the file says, when it is a policy. */
  #policy: Policy | undefined;
  #governor = new Governor(undefined);

  /** @param prices what crossing costs, where that is to be told */
  constructor(policy: string, mesh: ConsoleMesh, prices?: Prices) {
    this.#file = new PolicyFile(policy);
    this.#mesh = mesh;
    this.#prices = prices;
  }

  /** Tells a page that was just opened all there is. */
  greet(send: Send): void {
    send("policy", this.policy());
    send("log", [...this.#log.entries]);
    if (this.#traffic) send("traffic", this.#traffic);
  }

  /** Looks at everything once and tells what is new. */
  async tick(send: Send): Promise<void> {
    const view = this.policy();
    if (view.revision !== this.#told) send("policy", view);
    this.#told = view.revision;
    const looks = await this.#watch.look(this.#mesh.topology);
    const traffic = trafficOf(this.#mesh.topology, looks, this.#governor);
    this.#traffic = {
      ...traffic,
      proxies: await this.#withPolicies(traffic.proxies),
      ...(this.#prices && { cost: costNow(looks, this.#prices) }),
    };
    send("traffic", this.#traffic);
    const changed = this.#log.note(this.#watch.decisions(looks, this.#governor), Date.now());
    if (changed.length > 0) send("log", changed);
  }

  async #withPolicies(proxies: Traffic["proxies"]): Promise<Traffic["proxies"]> {
    if (!this.#policy) return proxies;
    const running = await this.#running.of(this.#mesh.topology.proxies, this.#policy);
    return proxies.map((proxy) => ({ ...proxy, policy: running.get(proxy.admin) }));
  }

  /** The policy file as the page sees it; read again when it has changed. */
  policy(): PolicyView {
    const { file } = this.#file;
    const fixed = {
      file,
      services: this.#mesh.topology.services.map(({ id }) => id),
      effect: this.#mesh.effect,
    };
    const none = { enabled: undefined, rules: [], first: undefined, override: undefined, warnings: [] };
    try {
      const { revision, parsed } = this.#file.read();
      if (this.#view?.revision === revision) return this.#view;
      this.#policy = parsed.ok ? parsed.value : undefined;
      if (!parsed.ok)
        return (this.#view = { ...fixed, ...none, revision, problems: PolicyFile.problems(parsed) });
      this.#governor = new Governor(parsed.value);
      const { errors, warnings } = this.#mesh.check(parsed.value, parsed.source);
      const lines = (problems: readonly Problem[]) => problems.map(formatProblem);
      return (this.#view = {
        ...fixed,
        ...readRules(parsed.value),
        revision,
        problems: lines(errors),
        warnings: lines(warnings),
      });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return (this.#view = {
        ...fixed,
        ...none,
        revision: `unreadable ${error.message}`,
        problems: [error.message],
      });
    }
  }

  /** The file's text as it would be. Throws Refused. */
  preview(revision: string, wanted: Switch): { before: string; after: string } {
    const now = this.#readable();
    if (now.revision !== revision)
      throw new Refused(409, [
        `${this.#file.file} has changed meanwhile: look at it as it is now, and try again`,
      ]);
    const { rules } = readRules(now.policy);
    const { rule } = wanted;
    if (rule ? rule.scope.length === 0 : wanted.enabled && rules.length === 0)
      throw new Refused(422, ["no service is chosen, allowed: at least one, or all services"]);
    if (rule && rule.number !== "new" && rules[rule.number]?.scope === undefined)
      throw new Refused(422, [`rules[${rule.number}] cannot be changed here: edit ${this.#file.file}`]);
    return { before: now.text, after: setSwitch(now.text, this.#file.file, wanted) };
  }

  /**
   * Sets the switch: writes the policy file and makes it take effect. Rejects with Refused, and then everything is as it
   * was before. How the proxies took it is told later, in the log.
   */
  async set(revision: string, wanted: Switch, send: Send): Promise<PolicyView> {
    const taken = await watchDelivery(this.#mesh.topology.proxies);
    const written = await this.#write(this.preview(revision, wanted));
    const view = this.policy();
    send("policy", view);
    this.#told = view.revision;
    send("log", [this.#log.tell("switch", ...switchWords(view, this.#mesh.effect.live), Date.now())]);
    void taken(written).then((delivered) => {
      if (delivered) send("log", [this.#log.tell(...deliveryWords(delivered), Date.now())]);
    });
    return view;
  }

  /** Writes a policy file that was checked, and what follows from it; or nothing. Rejects with Refused. */
  async #write({ before, after }: { before: string; after: string }): Promise<string[]> {
    const parsed = parsePolicy(after, this.#file.file);
    if (!parsed.ok) throw new Refused(422, parsed.problems.map(formatProblem));
    const { errors } = this.#mesh.check(parsed.value, parsed.source);
    if (errors.length > 0) throw new Refused(422, errors.map(formatProblem));
    try {
      this.#file.write(after);
      // One after the other: each takes a while, and writes files that the next one reads.
      const applied = this.#applied.catch(() => []).then(() => this.#mesh.apply(parsed.value));
      this.#applied = applied;
      return await applied;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#restore(before);
      throw new Refused(500, [error.message]);
    }
  }

  /** Explains the requests of an arrow. Throws Refused. */
  explain(question: ArrowQuestion): ArrowExplanation {
    const { policy, source } = this.#readable();
    return explainArrow(question, this.#traffic, this.#mesh, policy, source);
  }

  #readable() {
    const { text, revision, parsed } = readOrRefuse(this.#file);
    if (!parsed.ok) throw new Refused(422, parsed.problems.map(formatProblem));
    return { text, revision, policy: parsed.value, source: parsed.source };
  }

  #restore(text: string): void {
    try {
      this.#file.write(text);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
  }
}

function readOrRefuse(file: PolicyFile) {
  try {
    return file.read();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Refused(500, [error.message]);
  }
}
