import { h, say, set } from "./dom.js";

/** After so many looks at the proxies, one a second, a change is late. */
const PATIENCE = 3;

/** Whether what the file says is what the proxies run. */
export function createRunning() {
  const element = h("p", { class: "note running", role: "status" });
  /** For how many looks some of them have been running another policy. */
  let behind = 0;

  return {
    element,
    get isBehind() {
      return behind >= PATIENCE;
    },
    show(policy, proxies) {
      const filtered = proxies.filter((proxy) => proxy.policy !== "none");
      const asked = filtered.filter((proxy) => proxy.policy !== undefined);
      const others = asked.filter((proxy) => proxy.policy === "another").map(({ id }) => id);
      behind = policy?.enabled === undefined || others.length === 0 ? 0 : behind + 1;
      set(element, "data-bad", behind >= PATIENCE);
      if (policy?.enabled === undefined) say(element, "");
      // What is not known of any proxy is not said.
      else if (asked.length === 0) say(element, policy.effect.live ? "" : policy.effect.text);
      else if (behind === 0) say(element, allRun(asked.length, filtered.length));
      else if (behind >= PATIENCE) say(element, anotherRuns(others, policy.effect));
    },
  };
}

const allRun = (count, all) =>
  `${count === all ? "All" : `${count} of ${all}`} proxies with the filter run this.`;

function anotherRuns(others, { live }) {
  const who = others.length > 3 ? `${others.length} proxies` : others.join(", ");
  const remedy = live
    ? "It was not written for them, or they refused it."
    : "Run generate istio and apply what it writes.";
  return `The file says so, but ${who} ${others.length === 1 ? "runs" : "run"} another policy. ${remedy}`;
}
