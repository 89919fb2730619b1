// Checks that the manifests are valid and that hosts answer at their endpoints.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import { poolOf } from "../plan/places.ts";
import {
  failed,
  notChecked,
  passed,
  placed,
  warned,
  type EndpointHost,
  type Finding,
  type Observations,
} from "./check.ts";
import { findNetworkFault } from "./network-fault.ts";

/** `doctor` shows this many errors of the manifests; `validate` shows them all. */
const maxShown = 3;

export function checkManifests({ config, manifests }: Observations): Finding {
  if (!config.ok || !manifests) return notChecked("needs a valid config");
  const errors = manifests.diagnostics.filter(({ severity }) => severity === "error");
  const warnings = manifests.diagnostics.filter(({ severity }) => severity === "warning");
  if (!manifests.ok) {
    const shown = errors.slice(0, maxShown).map(placed);
    const more = errors.length > maxShown ? [`and ${errors.length - maxShown} more`] : [];
    const toDo = "run reconcile validate to see each one with its line and how to fix it";
    return failed(count(errors.length, "error"), toDo, [...shown, ...more]);
  }
  const number = manifests.value.length;
  const valid = `${number} ${number === 1 ? "manifest is" : "manifests are"} valid`;
  if (warnings.length === 0) return passed(valid);
  return warned(
    `${valid}, with ${count(warnings.length, "warning")}`,
    "run reconcile validate to see them",
  );
}

export function checkEndpoints({ isSandbox, config, manifests, endpoints }: Observations): Finding {
  if (isSandbox) return notChecked("the sandbox delivers nothing");
  if (!config.ok || !manifests?.ok) return notChecked("needs valid manifests");
  const enabled = manifests.value.filter(({ state }) => state === "enabled");
  const reminders = remindOf(enabled, config.value.limits);
  if (!endpoints) return notChecked("skipped because of --skip-endpoints", reminders);
  const faults = endpoints.flatMap((host) => describeFault(host));
  const asked = endpoints.filter(({ outcome }) => outcome !== "skipped").length;
  const rest = endpoints.length - asked;
  const more = rest === 0 ? "" : `; ${count(rest, "more host")} not asked`;
  const here = `from this machine; ${sayCaller(enabled)} from its own network`;
  if (enabled.length === 0) return passed("no group is enabled, so no host was contacted");
  if (asked === 0) return passed("no endpoint is https, so no host was contacted", reminders);
  if (faults.length === 0)
    return passed(`${count(asked, "host")} can be reached ${here}${more}`, reminders);
  return failed(
    `${asked === 1 ? "1 host" : `${faults.length} of ${asked} hosts`} cannot be reached ${here}${more}`,
    "make the endpoints reachable from the internet; if only this machine has no access to them, pass " +
      "--skip-endpoints",
    [...faults, ...reminders],
  );
}

function sayCaller(enabled: readonly Subscription[]): string {
  const ofAws = enabled.filter(({ kind }) => kind.isInAws);
  return ofAws.length > 0 ? "AWS connects" : "Genesys Cloud connects";
}

/** Returns the line of each kind that reminds the user of what doctor cannot check. */
function remindOf(enabled: readonly Subscription[], limits: Limits): readonly string[] {
  const byKind = groupBy(enabled, ({ kind }) => kind);
  return Array.from(byKind, ([{ remind }, some]) => {
    const endpoints = some.flatMap((subscription) => poolOf(subscription, limits).map(({ url }) => url));
    return remind ? [remind(new Set(endpoints).size)] : [];
  }).flat();
}

function describeFault({ host, groups, outcome }: EndpointHost): readonly string[] {
  const subject = `${host} (${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")})`;
  if (outcome === "private")
    return [`${subject}: a private address, which Genesys Cloud cannot reach; it was not asked`];
  if (!(outcome instanceof ReconcileError)) return [];
  return [`${subject}: ${findNetworkFault(outcome)?.words ?? outcome.message}`];
}
