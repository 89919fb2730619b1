// Says in the audit records of a run who and what ran: what the machine and Git tell, and what the process itself knows.
import type { RecordPorts } from "../apply/on-record.ts";
import { unnamed, type RunProvenance } from "../model/audit-record.ts";
import type { Config } from "../model/config.ts";
import type { Provenance } from "../git/provenance.ts";
import type { Revision } from "../git/revision-files.ts";

interface KnownOfRun {
  /** The id of the OAuth client; the sandbox needs none. */
  readonly client?: string | undefined;
  /** The revision that holds the manifests, if they do not come from the disk. */
  readonly revision?: Pick<Revision, "commit"> | undefined;
  /** The events that made a daemon run this pass; only a daemon has them. */
  readonly wokenBy?: readonly string[] | undefined;
  /** The machine's name. */
  readonly host: string;
}

/** With `none`, the records name no person and no machine: a trail cannot forget. */
export function describeRun(
  here: Provenance,
  known: KnownOfRun,
  actors: Config["audit"]["actors"],
): Awaited<ReturnType<RecordPorts["provenance"]>> {
  const commit = known.revision ? known.revision.commit : here.commit;
  const named = describeParts(here, known, commit);
  const provenance = actors === "full" ? named : withoutNames(named);
  const actor = actors === "full" ? nameActor(here, known) : (here.place ?? unnamed);
  return { actor, commit, ...(Object.keys(provenance).length === 0 ? {} : { provenance }) };
}

/** Git's author on the machine of a daemon is not the person who changed the manifests. */
function nameActor({ actor, provenance: { login } }: Provenance, { wokenBy }: KnownOfRun): string {
  return wokenBy && login !== undefined ? login : actor;
}

function describeParts(
  { provenance: { claimed, login, pullRequest, ci } }: Provenance,
  { client, revision, wokenBy, host }: KnownOfRun,
  commit: string | null,
): RunProvenance {
  const isAuthor = claimed === true && !wokenBy;
  return {
    ...(isAuthor ? { claimed, ...(login === undefined ? {} : { login }) } : {}),
    ...(client === undefined ? {} : { client }),
    ...(commit === null ? {} : { commit }),
    // The pull request is that of the commit in the working directory.
    ...(pullRequest === undefined || revision ? {} : { pullRequest }),
    ...(ci ? { ci } : {}),
    ...(wokenBy ? { daemon: { host, wokenBy: [...wokenBy] } } : {}),
  };
}

function withoutNames({ client, commit, pullRequest, ci, daemon }: RunProvenance): RunProvenance {
  return {
    ...(client === undefined ? {} : { client }),
    ...(commit === undefined ? {} : { commit }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(ci ? { ci: { system: ci.system, ...(ci.url === undefined ? {} : { url: ci.url }) } } : {}),
    ...(daemon ? { daemon: { ...daemon, host: unnamed } } : {}),
  };
}
