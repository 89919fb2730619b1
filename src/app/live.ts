// What is live: read of the resources that the manifests name, and of those that the trail knows something of.
import { readHistory, type History, type OpenIntent } from "../audit/history.ts";
import { findTrailBytes } from "../audit/read-trail.ts";
import { describeUnsound } from "../audit/unsound.ts";
import type { RecordOptions } from "../apply/on-record.ts";
import type { Driver } from "../genesys/driver.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { allSchemes, listKinds, throwIfBlind, type Listed, type ListPorts } from "./list-kinds.ts";
import type { Deps } from "../model/deps.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, type ReconcileError } from "../model/errors.ts";
import { kindOf, nounOf, type Scheme } from "../model/resource-kind.ts";
import { readOwnership } from "../model/ownership.ts";

export interface LivePorts extends ListPorts, Pick<Deps, "files"> {}

/** Nothing is said of what is unseen. */
export interface Known extends Omit<History, "unsound">, Listed {
  readonly driver: Driver;
  /** Open intents of what was not looked at, or could not be seen: nobody can tell what came of them. */
  readonly hidden: readonly OpenIntent[];
  /** What the trail knows to be there, and could not be seen; and which of its records could not be believed. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a pass is about. */
export interface About {
  /** Of its manifests. */
  readonly needed: ReadonlySet<Scheme>;
  /** Of others that it looks at, such as those of a base revision. */
  readonly others: ReadonlySet<Scheme>;
  /** Whether it deletes whatever no manifest names. */
  readonly prune: boolean;
  /** Its consumer groups; null for all. */
  readonly groups: ReadonlySet<string> | null;
}

/**
 * One list a resource: where the manifests say all that there is, nothing else is asked for. Throws ReconcileError as
 * the platform and the disk do, and where nothing that the manifests name may be seen.
 */
export async function readLive(
  about: About,
  { audit }: Pick<RecordOptions, "audit">,
  ports: LivePorts,
): Promise<Known> {
  const { needed } = about;
  const asked = await schemesToAsk(about, audit.path, ports);
  const first = await listKinds(asked, ports);
  throwIfBlind(needed.size > 0 ? needed : asked, first.unseen);
  const history = await readHistory(ports.files, audit, first.live);
  // A group that went over to another resource, or lost its manifest, has left something there.
  const left = rememberedIn(history, about).map(({ endpoint }) => kindOf(endpoint).scheme);
  const more = new Set(left.filter((scheme) => !asked.has(scheme)));
  const second = await listKinds(more, ports);
  const listed: Listed = {
    live: [...first.live, ...second.live],
    unseen: new Map([...first.unseen, ...second.unseen]),
  };
  const seen = new Set([...asked, ...more].filter((scheme) => !listed.unseen.has(scheme)));
  const known = leaveOut(
    more.size === 0 ? history : await readHistory(ports.files, audit, listed.live),
    about,
    { unseen: listed.unseen, seen },
  );
  return {
    ...listed,
    driver: ports.driverOf(seen),
    ...known,
    diagnostics: [...describeUnsound(history.unsound, audit.path), ...known.diagnostics],
  };
}

/** Without a trail nobody knows where orphans may be. */
async function schemesToAsk(
  { needed, others, prune }: About,
  trail: string,
  { files }: LivePorts,
): Promise<ReadonlySet<Scheme>> {
  const named = new Set([...needed, ...others]);
  const isBlank = prune && (await findTrailBytes(files, trail)) === null;
  return named.size === 0 || isBlank ? allSchemes : named;
}

interface Remembered {
  readonly endpoint: string;
}

/** What the trail last recorded as live, or does not know the outcome of, of the groups that it is about. */
function rememberedIn({ recorded, open }: History, { groups }: About): readonly Remembered[] {
  const isConcerned = (group: string | null): boolean =>
    groups === null || (group !== null && groups.has(group));
  return [
    ...[...recorded.values()].filter(({ description }) => isConcerned(readOwnership(description).group)),
    ...open.filter(({ group }) => isConcerned(group)),
  ];
}

/** What was not looked at has neither been changed, nor can be told to be gone: it is left as the trail has it. */
function leaveOut(
  history: History,
  about: About,
  { unseen, seen }: Pick<Listed, "unseen"> & { readonly seen: ReadonlySet<Scheme> },
): Pick<Known, "recorded" | "open" | "hidden" | "late" | "diagnostics"> {
  const isSeen = ({ endpoint }: Remembered): boolean => seen.has(kindOf(endpoint).scheme);
  const missed = rememberedIn(history, about).filter((one) => !isSeen(one));
  const byKind = groupBy(missed, ({ endpoint }) => kindOf(endpoint).scheme);
  return {
    recorded: new Map([...history.recorded].filter(([, document]) => isSeen(document))),
    open: history.open.filter(isSeen),
    hidden: history.open.filter((intent) => !isSeen(intent)),
    late: history.late,
    diagnostics: [...byKind].flatMap(([scheme, those]) => {
      const error = unseen.get(scheme);
      return error && !about.needed.has(scheme) ? [describeHidden(those, error)] : [];
    }),
  };
}

function describeHidden(those: readonly Remembered[], error: ReconcileError): Diagnostic {
  const number = count(those.length, nounOf(those.map(({ endpoint }) => endpoint)));
  const are = those.length === 1 ? "is" : "are";
  const message = `${number} that the trail knows of ${are} out of sight, and left as ${are === "is" ? "it is" : "they are"}: ${error.message}`;
  return { ...diagnosticOf(error), severity: "warning", message };
}
