// What a list that lags shows: the resources as they were a while ago. Only the quirk `listLagMs` needs it.
import type { SandboxState } from "./state.ts";

type Stored = Pick<SandboxState, "webhooks" | "integrations" | "triggers" | "others">;

/** What was stored from a time on, until the next moment. */
interface Moment {
  readonly fromMs: number;
  readonly stored: Stored;
}

/** After so many changes within the lag, lists show newer ones than they should. */
const maxMoments = 1_000;

const moments = new WeakMap<SandboxState, Moment[]>();

/** Remembers what is stored now, and forgets what no list shows any more. */
export function rememberStored(state: SandboxState, nowMs: number, lagMs: number): void {
  const kept = moments.get(state) ?? [];
  moments.set(state, kept);
  const last = kept.at(-1);
  if (!last || !isSame(last.stored, state))
    kept.push({ fromMs: last ? nowMs : Number.NEGATIVE_INFINITY, stored: copy(state) });
  while (kept.length > maxMoments || (kept[1] && kept[1].fromMs <= nowMs - lagMs)) kept.shift();
}

/** Returns the state with the resources that were stored at that time, of which `rememberStored` was told. */
export function storedAt(state: SandboxState, atMs: number): SandboxState {
  const kept = moments.get(state) ?? [];
  const moment = kept.findLast(({ fromMs }) => fromMs <= atMs) ?? kept[0];
  return moment ? { ...state, ...moment.stored } : state;
}

function copy({ webhooks, integrations, triggers, others }: Stored): Stored {
  return {
    webhooks: new Map(webhooks),
    integrations: new Map(integrations),
    triggers: new Map(triggers),
    others: new Map([...others].map(([list, entries]) => [list, new Map(entries)])),
  };
}

function isSame(one: Stored, other: Stored): boolean {
  return (
    hasSameEntries(one.webhooks, other.webhooks) &&
    hasSameEntries(one.integrations, other.integrations) &&
    hasSameEntries(one.triggers, other.triggers) &&
    one.others.size === other.others.size &&
    [...one.others].every(([list, entries]) => hasSameEntries(entries, other.others.get(list)))
  );
}

/** An entry that changes is replaced by another object. */
function hasSameEntries(
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown> = new Map(),
): boolean {
  return one.size === other.size && [...one].every(([id, entry]) => other.get(id) === entry);
}
