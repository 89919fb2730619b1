// Says at the top of the page whose daemon it is: region, organisation, owner; who holds the lease; mode and version.
import type { ToldResult } from "../../model/result.ts";
import type { DaemonView } from "../view.ts";

type Named = Pick<ToldResult, "environment" | "owner" | "organization">;

/** `timeOf`: shows a time in ISO 8601 as a person reads it. */
export function sayWhose(
  { holder, mode, version }: Pick<DaemonView, "holder" | "mode" | "version">,
  result: Named | null,
  timeOf: (iso: string) => string,
): readonly string[] {
  return [
    ...(result ? sayTarget(result) : []),
    ...(holder ? [`lease: process ${holder.pid} on ${holder.host}, since ${timeOf(holder.since)}`] : []),
    ...(mode === "report" ? ["--dry-run"] : []),
    `v${version}`,
  ];
}

function sayTarget({ environment, owner, organization = null }: Named): readonly string[] {
  // The sandbox is nobody's organisation.
  const isNamed = organization !== null && environment !== "sandbox";
  return [
    ...(environment === null ? [] : [environment]),
    ...(isNamed ? [`organisation ${organization.name ?? organization.id}`] : []),
    ...(owner === null ? [] : [`owner ${owner}`]),
  ];
}
