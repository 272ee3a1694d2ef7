/** So many corrections of one object in so short a time are a fight. */
const ROUNDS = 5;
const WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 600_000;

interface Fight {
  asked: string;
  corrections: number[];
  pauseMs: number;
  until: number;
  who: string;
}

/** Who keeps undoing what we apply: such a one is not fought for ever, for each round is a push to every proxy. */
export class Fights {
  private readonly all = new Map<string, Fight>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  applied(title: string, asked: string): void {
    const fight = this.all.get(title);
    if (fight) fight.asked = asked;
    else this.all.set(title, { asked, corrections: [], pauseMs: FIRST_PAUSE_MS, until: 0, who: "" });
  }

  /** Whether the same was applied before, so that what is there now is somebody else's doing. */
  isAgain(title: string, asked: string): boolean {
    return this.all.get(title)?.asked === asked;
  }

  /** Counts a correction; false: not now. */
  mayCorrect(title: string, who: string): boolean {
    const fight = this.all.get(title)!;
    const now = this.now();
    if (now < fight.until) return false;
    fight.corrections = [...fight.corrections.filter((at) => at > now - WITHIN_MS), now];
    if (fight.corrections.length <= ROUNDS) return true;
    Object.assign(fight, { until: now + fight.pauseMs, who, corrections: fight.corrections.slice(-ROUNDS) });
    fight.pauseMs = Math.min(fight.pauseMs * 2, LONGEST_PAUSE_MS);
    return false;
  }

  /** It is as it should be. */
  calm(title: string): void {
    const fight = this.all.get(title);
    if (fight && this.now() >= fight.until) fight.who = "";
    if (fight) fight.until = 0;
  }

  forget(title: string): void {
    this.all.delete(title);
  }

  /** The objects that are left as somebody made them, with the words for it. */
  lost(): Map<string, string> {
    const now = this.now();
    const lost = [...this.all].filter(([, { until }]) => until > now);
    return new Map(
      lost.map(([title, { who, until }]) => {
        const seconds = Math.round((until - now) / 10_000) * 10;
        return [title, `${title} is changed again and again by ${who}; next try in about ${seconds} s`];
      }),
    );
  }

  /** When the next pause ends, in ms from now. */
  nextMs(): number | undefined {
    const left = [...this.all.values()].map(({ until }) => until - this.now()).filter((ms) => ms > 0);
    return left.length > 0 ? Math.min(...left) : undefined;
  }
}
