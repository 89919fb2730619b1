// What to do about a condition, by its reason.
import type { Condition } from "../conditions.ts";

type Row = readonly [reason: RegExp, advice: string];

/** The first that fits. */
const rows: readonly Row[] = [
  [
    /^InvalidManifests$/,
    "Mend the lines named under Findings and save: the daemon looks again at once. Nothing is applied until every manifest is valid.",
  ],
  [
    /^(AuthInvalidClient|AuthRejected|ApiUnauthorized)$/,
    "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, and that the OAuth client still exists; .env is read anew at each pass.",
  ],
  [
    /^ApiForbidden$/,
    "Give the OAuth client a role that allows what the message names; `reconcile doctor` says which permissions.",
  ],
  [
    /^(Api|Auth)RateLimited$/,
    "Others use this OAuth client, too: lower rateShare in reconcile.yaml, or wait.",
  ],
  [
    /^(Api|Auth)Unavailable$/,
    "Nothing here: the platform is down or slow. Webhooks that are live keep delivering, and the daemon tries again by itself.",
  ],
  [
    /^Network/,
    "Check the region or address, DNS, the proxy (HTTPS_PROXY) and the firewall. Webhooks that are live keep delivering, and the daemon tries again by itself.",
  ],
  [
    /^(Api|Auth|Platform)/,
    "Check environment in reconcile.yaml: something else than Genesys Cloud may have answered.",
  ],
  [
    /^ChangesPending$/,
    "Look through the changes; apply them with reconcile, or start the daemon without --dry-run.",
  ],
  [
    /^OperationsFailed$/,
    "See under Last change what the platform said to which webhook; the daemon tries the rest again.",
  ],
  [
    /^OperationsHeldBack$/,
    "See the groups marked on the map: each says what stands in its way, and which flag lets it through.",
  ],
  [/^LastPassFailed$/, "See the other conditions and the findings; the log has each step."],
  [/^NotYetKnown$/, "Wait for the first pass to end."],
];

/** Empty where there is nothing to do. */
export function adviceFor({ status, reason }: Condition): string {
  if (status === "True") return "";
  return rows.find(([pattern]) => pattern.test(reason))?.[1] ?? "See the findings and the log.";
}
