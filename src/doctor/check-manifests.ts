// Whether the manifests are valid, and whether there is anybody at their endpoints.
import { count } from "../lib/count.ts";
import { parseEventSource } from "../model/endpoint.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Limits, Subscription } from "../model/subscription.ts";
import { poolOf } from "../plan/places.ts";
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

export function checkEndpoints({ isSandbox, config, manifests, endpoints }: Seen): Finding {
  if (isSandbox) return notChecked("the sandbox delivers nothing");
  if (!config.ok || !manifests?.ok) return notChecked("it takes valid manifests first");
  const enabled = manifests.value.filter(({ state }) => state === "enabled");
  const sources = describeSources(enabled, config.value.limits);
  if (!endpoints) return notChecked("left out, as --skip-endpoints says", sources);
  const faults = endpoints.flatMap((host) => describeFault(host));
  const asked = endpoints.filter(({ outcome }) => outcome !== "skipped").length;
  const rest = endpoints.length - asked;
  const more = rest === 0 ? "" : `; ${count(rest, "more host")} not asked`;
  const here = "as seen from here, which is not where Genesys Cloud is";
  if (enabled.length === 0) return passed("no group is enabled, so there is nobody to ask");
  if (asked === 0) return passed("none is https, so there is nobody to ask", sources);
  const answer = `${count(asked, "host")} ${asked === 1 ? "answers" : "answer"}`;
  if (faults.length === 0) return passed(`${answer}, ${here}${more}`, sources);
  return failed(
    `${faults.length} of ${count(asked, "host")} cannot be reached, ${here}${more}`,
    "have the endpoints put up where the internet reaches them; where only this machine is not let out, pass " +
      "--skip-endpoints",
    [...faults, ...sources],
  );
}

/** Whether somebody has associated them shows in AWS alone, so that this stays a reminder. */
function describeSources(enabled: readonly Subscription[], limits: Limits): readonly string[] {
  const urls = enabled.flatMap((subscription) => poolOf(subscription, limits).map(({ url }) => url));
  const sources = new Set(urls.filter((url) => parseEventSource(url) !== null));
  if (sources.size === 0) return [];
  const number = count(sources.size, "event source");
  return [
    `${number} in AWS: a new one reaches nobody until it is associated with an event bus there, which cannot be ` +
      "seen from here; docs/eventbridge.md says how",
  ];
}

function describeFault({ host, groups, outcome }: EndpointHost): readonly string[] {
  const of = `${host} (${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")})`;
  if (outcome === "private")
    return [`${of}: a private address, which Genesys Cloud cannot reach; it was not asked`];
  if (!(outcome instanceof ReconcileError)) return [];
  return [`${of}: ${findNetworkFault(outcome)?.says ?? outcome.message}`];
}
