import type { Explanation } from "./explanation.ts";
import type { Question } from "./question.ts";
import type { Followed } from "./view.ts";

type Answer = Omit<Explanation, "summary">;

/** What the sentence says beside the answer. */
interface About {
  unfiltered: string | undefined;
  enabled: boolean;
  followed: Followed;
}

/** The answer in one plain sentence. */
export function summarize(
  answer: Answer,
  question: Question,
  { unfiltered, enabled, followed }: About,
): string {
  const { destination, share, decision } = answer;
  const to = `${question.method ?? "GET"} ${destination.host ?? question.host}${question.path ?? ""}`;
  const part =
    share && !share.known && decision !== "off" ? ` for ${share.percent}% of requests (by ${share.by})` : "";
  return `${to} from ${question.cluster} ${deed(answer, question, unfiltered, enabled)}${part}${outcome(answer, followed)}.`;
}

function deed(
  { decision, rule, pin, share }: Answer,
  { cluster }: Question,
  unfiltered: string | undefined,
  enabled: boolean,
) {
  const by = `(rule ${rule ?? ""}, ${decision})`;
  switch (decision) {
    case "strict":
      return `stays in ${cluster} ${by}`;
    case "prefer":
      return `stays in ${cluster} while an endpoint there is healthy ${by}`;
    case "observe":
      return `is left alone and counted ${by}`;
    case "off":
      if (unfiltered !== undefined) return `is left alone: ${unfiltered}`;
      return share
        ? `is left alone: outside of the ${share.percent}% of rule ${rule ?? ""}`
        : `is left alone ${by}`;
    case "override": {
      return pin === "*"
        ? "is left alone, as it asks itself (override)"
        : `goes to ${pin ?? "nowhere"}, as it asks itself (override)`;
    }
    default:
      if (unfiltered !== undefined) return `is left alone: ${unfiltered}`;
      return enabled ? "is left alone: no rule takes it" : "is left alone: the policy is switched off";
  }
}

function outcome(
  { route, endpoints: { allowed, excluded }, decision }: Answer,
  { unknown, unrouted, status }: Followed,
): string {
  if (unrouted === true) return ", and no route takes it: 404";
  if (status !== undefined) return `, and its route answers by itself: ${status}`;
  if (route === undefined || unknown === true) return "";
  if (allowed.length === 0)
    return excluded.length > 0 && decision !== "untouched"
      ? ", where no endpoint can answer: 503"
      : ", and no endpoint can answer: 503";
  const of = allowed.length + excluded.length;
  const clusters = [...new Set(allowed.map(({ cluster }) => cluster))].join(", ");
  return `: ${allowed.length} of ${of} endpoints may answer (${clusters})`;
}
