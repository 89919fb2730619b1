// While not every manifest is valid, a pass only looks for drift: what someone else changed or deleted. With --keep-healing
// it puts the drift of unchanged groups back.
import type { OrganizationPort } from "./find-organization.ts";
import { isDeepStrictEqual } from "node:util";
import type { RecordOptions } from "../apply/on-record.ts";
import { readHistory } from "../audit/history.ts";
import { longestHiddenMs } from "../genesys/write-memory.ts";
import type { Deps } from "../model/deps.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { findDeleted } from "../model/find-deleted.ts";
import type { Kinds } from "../model/kind.ts";
import { allOperations, type Drift, type Plan } from "../model/plan.ts";
import { makeLive, type LiveResource } from "../model/resource.ts";
import type { Ending } from "../model/result.ts";
import type { Subscription } from "../model/subscription.ts";
import { findRecordedDrift } from "../plan/find-recorded-drift.ts";
import { findReplaced } from "../plan/find-replaced.ts";
import { holdToPutBacks } from "../plan/hold-to-put-backs.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";

/** The live resources from which a plan was made, and its options, which hold the records. */
export interface PlanFacts {
  readonly live: readonly LiveResource[];
  readonly planning: PlanOptions;
}

/** Holds back what a pass must not do. */
export type Limit = (plan: Plan, facts: PlanFacts) => Plan;

interface Manifests {
  /** The groups in whose manifests no fault was found. */
  readonly faultless: readonly Subscription[];
  /** Null if the daemon saw no valid manifests since its start. */
  readonly lastValid: readonly Subscription[] | null;
  readonly isHealing: boolean;
}

interface Run {
  readonly options: RecordOptions & { readonly plan: Pick<PlanOptions, "owner"> };
  readonly ports: Pick<Deps, "files" | "clock"> & {
    readonly organization: Pick<OrganizationPort, "recall">;
    readonly kinds: Kinds;
    readonly onError: (error: ReconcileError) => void;
  };
  /** Plans the way to what is desired, and carries out what the limit leaves of it. */
  readonly converge: (
    desired: readonly Subscription[],
    limit: Limit,
  ) => Promise<Pick<Ending, "plan" | "diagnostics">>;
}

/** `plan` holds what was put back; null if nothing was to be. */
type Looked = Pick<Ending, "plan" | "diagnostics"> & { readonly drift: readonly Drift[] };

const nothing: Looked = { plan: null, drift: [], diagnostics: [] };

/** Looks by the manifests that were valid last; after a restart, by what the trail last recorded. */
export async function lookForDrift(manifests: Manifests, run: Run): Promise<Looked> {
  try {
    const { faultless, lastValid } = manifests;
    if (lastValid) {
      const unchanged = findSame(lastValid, faultless);
      return await look(
        { desired: lastValid, recorded: [], findUnchanged: () => unchanged },
        manifests,
        run,
      );
    }
    const { recorded, settled } = await readRecorded(run);
    if (recorded.length === 0) return nothing;
    const findUnchanged = (facts: PlanFacts): ReadonlySet<string> =>
      findAsRecorded(faultless, recorded, facts);
    return await look({ desired: faultless, recorded: settled, findUnchanged }, manifests, run);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    run.ports.onError(error);
    return { ...nothing, diagnostics: [diagnosticOf(error)] };
  }
}

interface Basis {
  readonly desired: readonly Subscription[];
  /** This owner's resources as the trail last recorded them; empty if `desired` has all groups. */
  readonly recorded: readonly LiveResource[];
  readonly findUnchanged: (facts: PlanFacts) => ReadonlySet<string>;
}

async function look(
  { desired, recorded, findUnchanged }: Basis,
  { isHealing }: Pick<Manifests, "isHealing">,
  { converge }: Run,
): Promise<Looked> {
  const declared = new Map(desired.map((subscription) => [subscription.group, subscription]));
  let first: (PlanFacts & { readonly unchanged: ReadonlySet<string> }) | null = null;
  const { plan, diagnostics } = await converge(desired, (planned, facts) => {
    first ??= { ...facts, unchanged: findUnchanged(facts) };
    return isHealing
      ? holdToPutBacks(planned, { ...facts, declared, unchanged: first.unchanged })
      : planned;
  });
  const facts = first as PlanFacts | null;
  if (plan === null || facts === null) return nothing;
  const undeclared = recorded.filter(({ group }) => group !== null && !declared.has(group));
  const drift = [...plan.drift, ...findRecordedDrift(undeclared, facts)];
  const isTried = allOperations(plan).some(({ status }) => status !== "skipped" && status !== "planned");
  if (!isTried) return { plan: null, drift: [...drift, ...findDeleted(plan)], diagnostics: [] };
  // The groups are not those of the manifests, and the daemon goes on showing the last whole plan.
  return { plan: { ...plan, drift, groups: [], orphans: [] }, drift, diagnostics };
}

/** Returns the groups whose manifests say what they said before, wherever they stand now. */
function findSame(before: readonly Subscription[], now: readonly Subscription[]): ReadonlySet<string> {
  const byGroup = new Map(now.map((subscription) => [subscription.group, subscription]));
  const isSame = (one: Subscription): boolean =>
    isDeepStrictEqual({ ...one, place: null }, { ...byGroup.get(one.group), place: null });
  return new Set(before.filter(isSame).map(({ group }) => group));
}

/** Returns the groups on record for which nothing would be planned if everything were as the trail last recorded it. */
function findAsRecorded(
  desired: readonly Subscription[],
  recorded: readonly LiveResource[],
  { live, planning }: PlanFacts,
): ReadonlySet<string> {
  const ids = new Set(recorded.map(({ id }) => id));
  const replaced = findReplaced(live, planning.recorded);
  const asRecorded = [
    ...recorded.filter(({ id }) => !replaced.has(id)),
    ...live.filter(({ id }) => !ids.has(id)),
  ];
  const { operations, groups } = makePlan(desired, asRecorded, { ...planning, recorded: new Map() });
  const changing = new Set(operations.map(({ group }) => group));
  const onRecord = new Set(recorded.map(({ group }) => group));
  const isUnchanged = ({ group, skipped }: Plan["groups"][number]): boolean =>
    onRecord.has(group) && !changing.has(group) && skipped === null;
  return new Set(groups.filter(isUnchanged).map(({ group }) => group));
}

interface Recorded {
  /** This owner's resources as the trail last recorded them. */
  readonly recorded: readonly LiveResource[];
  /** Those that a list must show by now. */
  readonly settled: readonly LiveResource[];
}

async function readRecorded({ options, ports }: Run): Promise<Recorded> {
  const { files, clock, kinds } = ports;
  const { path, environment, owner } = options.audit;
  const organization = (await ports.organization.recall())?.id ?? null;
  const place = { path, environment, owner, organization };
  const nothing = { live: [], isListed: () => false };
  const { recorded: documents, recent } = await readHistory(files, place, nothing);
  const hidden = new Set(
    recent.flatMap(({ id, atMs }) => (clock.now() - atMs < longestHiddenMs ? [id] : [])),
  );
  const names = new Set<string>();
  const recorded = [...documents].flatMap(([id, document]) => {
    const one = makeLive(kinds.of(document), { ...document, id });
    // The newest of several resources with one name was made because the earlier ones were gone.
    const key = `${one.kind.noun} ${one.name}`;
    const isLast = !names.has(key);
    names.add(key);
    return isLast && one.owner === options.plan.owner ? [one] : [];
  });
  return { recorded, settled: recorded.filter(({ id }) => !hidden.has(id)) };
}
