// What receivers were last told: the faults that stand. Told again is only what is new.
import type { NotifyTopic } from "../model/config.ts";

/** Everything but the recovery, which says that one of these is over. */
export type FaultTopic = Exclude<NotifyTopic, "recovery">;

export const faultTopics: readonly FaultTopic[] = ["trail", "failure", "drift", "orphans"];

/** One fault, such as a group that fails or a resource that drifted. */
export interface Fault {
  /** Equal for the same fault in two runs. */
  readonly key: string;
  /** The consumer group; null if the fault is not about one. */
  readonly group: string | null;
  /** False if the run that found it has put it right. */
  readonly isOpen: boolean;
}

export type Told = Readonly<Record<FaultTopic, readonly Fault[]>>;

export const nothingTold: Told = { trail: [], failure: [], drift: [], orphans: [] };

/** What one run shows of a topic. */
export interface Look {
  readonly found: readonly Fault[];
  /** True of an earlier fault that this run would have found if it still stood. */
  readonly covers: (earlier: Fault) => boolean;
}

export type Looks = Readonly<Record<FaultTopic, Look>>;

/** A change of state. `keys` are the faults that were not told before. */
export type Change =
  | { readonly topic: FaultTopic; readonly keys: ReadonlySet<string> }
  | { readonly topic: "recovery"; readonly ended: readonly FaultTopic[] };

/** Returns what changed since receivers were last told, and what they are told by then. */
export function findChanges(
  told: Told,
  looks: Looks,
): { readonly told: Told; readonly changes: readonly Change[] } {
  const next: Record<FaultTopic, readonly Fault[]> = { ...nothingTold };
  const changes: Change[] = [];
  const ended: FaultTopic[] = [];
  for (const topic of faultTopics) {
    const [before, { found, covers }] = [told[topic], looks[topic]];
    const isFound = ({ key }: Fault): boolean => found.some((one) => one.key === key);
    next[topic] = [...found, ...before.filter((one) => !isFound(one) && !covers(one))];
    const isNew = ({ key, isOpen }: Fault): boolean =>
      !before.some((one) => one.key === key && (one.isOpen || !isOpen));
    const keys = new Set(found.filter(isNew).map(({ key }) => key));
    if (keys.size > 0) changes.push({ topic, keys });
    if (before.some(({ isOpen }) => isOpen) && !next[topic].some(({ isOpen }) => isOpen)) ended.push(topic);
  }
  if (ended.length > 0) changes.push({ topic: "recovery", ended });
  return { told: next, changes };
}
