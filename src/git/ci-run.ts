// Describes the run of a CI system that this is part of, by the variables that the system sets.
import type { RunProvenance } from "../model/audit-record.ts";
import { ciSystems, type CiSystem, type ValueOf, type Variables } from "./ci-systems.ts";

/** Whether this is a run of one of the known systems, or of another one that sets `CI`, as most do. */
export function isCiRun(variables: Variables): boolean {
  return Boolean(variables["CI"]) || ciSystems.some(({ sign }) => variables[sign]);
}

export interface CiRun {
  /** Such as `octocat in GitHub Actions acme/telephony 42`. */
  readonly actor: string;
  /** The same without the person. */
  readonly place: string;
  /** The part of the audit records that is about the run. */
  readonly provenance: Pick<RunProvenance, "ci" | "pullRequest">;
}

/** Null if this is not a run of one of these systems. */
export function describeCiRun(variables: Variables): CiRun | null {
  const system = ciSystems.find(({ sign }) => variables[sign]);
  if (!system) return null;
  const valueOf: ValueOf = (name) => variables[name] ?? "";
  const startedBy = system.startedBy?.map(valueOf).find(Boolean) ?? "";
  const approvedBy = system.approvedBy === undefined ? "" : valueOf(system.approvedBy);
  const url = typeof system.url === "string" ? valueOf(system.url) : (system.url?.(valueOf) ?? "");
  const pullRequest = system.pullRequest?.(valueOf) ?? "";
  const place = describePlace(system, valueOf);
  return {
    actor: startedBy === "" ? place : `${startedBy} in ${place}`,
    place,
    provenance: {
      ci: {
        system: system.name,
        ...(url === "" ? {} : { url }),
        ...(startedBy === "" ? {} : { startedBy }),
        ...(approvedBy === "" ? {} : { approvedBy }),
      },
      ...(/^\d+$/.test(pullRequest) ? { pullRequest } : {}),
    },
  };
}

function describePlace(system: CiSystem, valueOf: ValueOf): string {
  const repository = (system.repository ?? []).map(valueOf).filter(Boolean).join("/");
  return [system.name, repository, valueOf(system.run)].filter(Boolean).join(" ");
}
