// Says in the audit records of a run who and what ran: what the machine and Git tell, and what the process itself knows.
import type { RecordPorts } from "../apply/on-record.ts";
import type { RunProvenance } from "../model/audit-record.ts";
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

export function describeRun(
  here: Provenance,
  { client, revision, wokenBy, host }: KnownOfRun,
): Awaited<ReturnType<RecordPorts["provenance"]>> {
  const commit = revision ? revision.commit : here.commit;
  const { claimed, login, pullRequest, ci } = here.provenance;
  const isAuthor = claimed === true && !wokenBy;
  const provenance: RunProvenance = {
    ...(isAuthor ? { claimed, ...(login === undefined ? {} : { login }) } : {}),
    ...(client === undefined ? {} : { client }),
    ...(commit === null ? {} : { commit }),
    // The pull request is that of the commit in the working directory.
    ...(pullRequest === undefined || revision ? {} : { pullRequest }),
    ...(ci ? { ci } : {}),
    ...(wokenBy ? { daemon: { host, wokenBy: [...wokenBy] } } : {}),
  };
  // Git's author on the machine of a daemon is not the person who changed the manifests.
  const actor = wokenBy && login !== undefined ? login : here.actor;
  return { actor, commit, ...(Object.keys(provenance).length === 0 ? {} : { provenance }) };
}
