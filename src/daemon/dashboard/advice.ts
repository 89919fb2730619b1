// Gives advice on what to do about a condition, by its reason.
import type { Condition } from "../conditions.ts";

type Row = readonly [reason: RegExp, advice: string];

/** The first row whose pattern matches gives the advice. */
const rows: readonly Row[] = [
  [
    /^NoManifests$/,
    "Save the first one there: `reconcile init` writes an example, `reconcile import` writes those of what is live. The daemon then runs a pass at once.",
  ],
  [
    /^InvalidManifests$/,
    "Correct the lines named under Findings and save: the daemon runs a pass at once. Nothing is applied until every manifest is valid.",
  ],
  [
    /^(AuthInvalidClient|AuthRejected|ApiUnauthorized)$/,
    "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, and that the OAuth client still exists. Each pass reads .env again.",
  ],
  [
    /^ApiForbidden$/,
    "Give the OAuth client a role that allows what the message names; `reconcile doctor` lists the permissions.",
  ],
  [
    /^(Api|Auth)RateLimited$/,
    "Other programs use this OAuth client too: lower rateShare in reconcile.yaml, or wait.",
  ],
  [
    /^(Api|Auth)Unavailable$/,
    "Nothing: the platform is down or slow. What is live keeps delivering, and the daemon tries again by itself.",
  ],
  [
    /^Network/,
    "Check the region or address, DNS, the proxy (HTTPS_PROXY) and the firewall. What is live keeps delivering, and the daemon tries again by itself.",
  ],
  [
    /^(Api|Auth|Platform)/,
    "Check environment in reconcile.yaml: something other than Genesys Cloud may have answered.",
  ],
  [
    /^ChangesPending$/,
    "Review the changes; apply them with reconcile, or start the daemon without --dry-run.",
  ],
  [/^OperationsFailed$/, "See the errors under Last change; the next passes try again."],
  [
    /^OperationsHeldBack$/,
    "See the groups marked on the map: each shows what blocks it, and which flag allows the change.",
  ],
  [
    /^OrphansLeft$/,
    "If their manifests were removed on purpose, delete them: look with `reconcile plan --prune` first. Otherwise bring the manifests back.",
  ],
  [/^LastPassFailed$/, "See the other conditions and the findings; the log has each step."],
  [
    /^DriftFound$/,
    "Correct the manifests: the pass after that puts back what someone else changed or deleted. See Drift for what it was.",
  ],
  [/^NotChecked$/, "See the conditions that do not hold: once they do, the next pass looks again."],
  [/^NotYetKnown$/, "Wait for the first pass to end."],
];

/** Returns an empty text when there is nothing to do. */
export function adviceFor({ status, reason }: Condition): string {
  if (status === "True") return "";
  return rows.find(([pattern]) => pattern.test(reason))?.[1] ?? "See the findings and the log.";
}
