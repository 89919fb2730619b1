// Whether the manifests are valid, and whether there is anybody at their endpoints.
import { count } from "../../lib/count.ts";
import { ReconcileError } from "../../model/errors.ts";
import {
  failed,
  notChecked,
  passed,
  placed,
  warned,
  type EndpointHost,
  type Finding,
  type Seen,
} from "./check.ts";
import { findNetworkFault } from "./network-fault.ts";

/** Of the errors in the manifests; `validate` shows them all. */
const maxShown = 3;

export function checkManifests({ config, manifests }: Seen): Finding {
  if (!config.ok || !manifests) return notChecked("it takes a valid config first");
  const errors = manifests.diagnostics.filter(({ severity }) => severity === "error");
  const warnings = manifests.diagnostics.filter(({ severity }) => severity === "warning");
  if (!manifests.ok) {
    const shown = errors.slice(0, maxShown).map(placed);
    const more = errors.length > maxShown ? [`and ${errors.length - maxShown} more`] : [];
    const toDo = "reconcile validate shows each with its line and the way out";
    return failed(count(errors.length, "error"), toDo, [...shown, ...more]);
  }
  const number = manifests.value.length;
  const valid = `${number} ${number === 1 ? "manifest is" : "manifests are"} valid`;
  if (warnings.length === 0) return passed(valid);
  return warned(`${valid}, with ${count(warnings.length, "warning")}`, "reconcile validate shows them");
}

export function checkEndpoints({ isSandbox, manifests, endpoints }: Seen): Finding {
  if (isSandbox) return notChecked("the sandbox delivers nothing");
  if (!manifests?.ok) return notChecked("it takes valid manifests first");
  if (!endpoints) return notChecked("left out, as --skip-endpoints says");
  const faults = endpoints.flatMap((host) => describeFault(host));
  const asked = endpoints.filter(({ outcome }) => outcome !== "skipped").length;
  const rest = endpoints.length - asked;
  const more = rest === 0 ? "" : `; ${count(rest, "more host")} not asked`;
  const here = "as seen from here, which is not where Genesys Cloud is";
  if (asked === 0) return passed("no group is enabled, so there is nobody to ask");
  const answer = `${count(asked, "host")} ${asked === 1 ? "answers" : "answer"}`;
  if (faults.length === 0) return passed(`${answer}, ${here}${more}`);
  return failed(
    `${faults.length} of ${count(asked, "host")} cannot be reached, ${here}${more}`,
    "have the endpoints put up where the internet reaches them; where only this machine is not let out, pass " +
      "--skip-endpoints",
    faults,
  );
}

function describeFault({ host, groups, outcome }: EndpointHost): readonly string[] {
  const of = `${host} (${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")})`;
  if (outcome === "private")
    return [`${of}: a private address, which Genesys Cloud cannot reach; it was not asked`];
  if (!(outcome instanceof ReconcileError)) return [];
  return [`${of}: ${findNetworkFault(outcome)?.says ?? outcome.message}`];
}
