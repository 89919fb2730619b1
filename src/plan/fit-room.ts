// Skips the groups whose creates the platform would refuse, because the organisation has as many resources of the kind
// as it can have. Groups get the room that there is in the order of the plan. A quota that may have been raised for this
// account skips nothing; the plan warns when most of it is used.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { nowhere, sortDiagnostics, type Diagnostic } from "../model/diagnostic.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { allOperations, isPlanned, mapOperations, type Operation, type Plan } from "../model/plan.ts";
import type { Room } from "../model/room.ts";
import { leave } from "./leave.ts";
import { withSourceWarnings } from "./new-sources.ts";
import { withLeastWait } from "./settle-time.ts";

/** Returns the kinds with a cap or a quota of which the plan creates resources. */
export function findCapped(plan: Plan, kinds: Kinds): ReadonlySet<Kind> {
  return new Set(
    createsOf(plan)
      .map(kinds.of)
      .filter(({ cap, quota }) => cap ?? quota),
  );
}

/**
 * No delete of the plan makes room, because a group's deletes come after its creates, and prunes after everything else.
 */
export function fitRoom(plan: Plan, rooms: ReadonlyMap<Kind, Room>, kinds: Kinds): Plan {
  const refused = new Map<string | null, Diagnostic>();
  const warnings: Diagnostic[] = [];
  for (const [kind, creates] of groupBy(createsOf(plan), kinds.of)) {
    const room = rooms.get(kind);
    if (room && !room.isOffered) warnings.push(warnOfType(kind));
    if (room) warnings.push(...warnOfQuota(kind, room.used + creates.length));
    const byGroup = groupBy(creates, ({ group }) => group);
    for (const { group, message } of room ? findOverfull(byGroup, room, kind) : [])
      refused.set(group, refusalOf(message, { kind, plan, group }));
  }
  if (refused.size + warnings.length === 0) return plan;
  const diagnostics = sortDiagnostics([...plan.diagnostics, ...warnings, ...refused.values()]);
  const groups = plan.groups.map((group) => {
    const refusal = refused.get(group.group);
    return refusal ? { ...group, unchanged: 0, skipped: refusal.message } : group;
  });
  const held = mapOperations(plan, (operation) => hold(operation, refused.get(operation.group)));
  const fitted = { ...plan, ...held, groups, diagnostics };
  return withLeastWait(withSourceWarnings(fitted, { canWait: true, kinds }), kinds);
}

function createsOf(plan: Plan): readonly Operation[] {
  return allOperations(plan).filter((operation) => operation.action === "create" && isPlanned(operation));
}

interface Overfull {
  readonly group: string | null;
  readonly message: string;
}

/** A group that finds no room takes none. */
function findOverfull(
  byGroup: ReadonlyMap<string | null, readonly Operation[]>,
  { max, used, begun }: Room,
  { noun, nouns }: Kind,
): readonly Overfull[] {
  if (max === null) return [];
  const overfull: Overfull[] = [];
  let taken = 0;
  for (const [group, creates] of byGroup) {
    const needed = creates.filter(({ name }) => !begun.has(name)).length;
    if (used + taken + needed <= max) {
      taken += needed;
      continue;
    }
    const others = taken === 0 ? "" : `, and this plan creates ${taken} for other groups`;
    const message =
      `${group === null ? "" : `group "${group}" is skipped: `}${count(needed, `more ${noun}`)} would be too many: ` +
      `the organisation can have ${max} ${nouns}, and has ${used}${others}`;
    overfull.push({ group, message });
  }
  return overfull;
}

function hold(operation: Operation, refusal: Diagnostic | undefined): Operation {
  if (!refusal || !isPlanned(operation)) return operation;
  return leave(operation, { by: "guard", why: refusal.message, hint: null });
}

function refusalOf(
  message: string,
  { kind, plan, group }: { readonly kind: Kind; readonly plan: Plan; readonly group: string | null },
): Diagnostic {
  const place = plan.groups.find((one) => one.group === group)?.place ?? nowhere;
  return {
    ...{ severity: "error", code: "create/tooMany", message },
    hint:
      `creates come before deletes, so make room first: delete ${kind.nouns} that are not needed ` +
      "(for a group without a manifest: `reconcile --prune --group NAME`), or ask Genesys Cloud to raise the limit",
    ...place,
  };
}

function warnOfType({ nouns, cap }: Kind): Diagnostic {
  const message = `the organisation may not be offered ${nouns}: ${cap?.path ?? "their type"} answers 404`;
  const hint = "`reconcile doctor` shows what it offers";
  return { severity: "warning", code: "create/notOffered", message, hint, ...nowhere };
}

/** From this part of a quota on, plans warn. */
const warnsFrom = 0.8;

/** `most`: how many there are at one time, since creates come before deletes. */
function warnOfQuota({ quota }: Kind, most: number): readonly Diagnostic[] {
  if (!quota || most < quota.usual * warnsFrom) return [];
  const { name, holder, things, usual, wayOut } = quota;
  const message = `with this plan the ${holder} has ${most} ${things}, of ${usual} that it can have by default (quota "${name}")`;
  const hint =
    most > usual ? `${wayOut}: creates above the quota are refused` : `${wayOut} before it is used up`;
  return [{ severity: "warning", code: "create/nearQuota", message, hint, ...nowhere }];
}
