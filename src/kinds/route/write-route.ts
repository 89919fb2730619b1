// Makes a route, or puts it right: destination → rule → target. Each step is left out if what is there is right already.
import { isCode, ReconcileError } from "../../model/errors.ts";
import { believeStored } from "../../genesys/parsed.ts";
import { isObject } from "../../genesys/client/json.ts";
import { sortedSet } from "../../model/document.ts";
import { ownerOf } from "../../model/ownership.ts";
import { sameJson } from "../../model/options.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import { listTargets, readDestination, readRoute, readRule, type OnBus } from "./read-routes.ts";
import { makePattern, type Rule } from "./shape.ts";
import { destinationName, sameDestination, sameTarget, wantedDestination, wantedTarget } from "./wanted.ts";

export interface Written {
  readonly live: LiveResource;
  /** How many requests took effect, or may have. */
  readonly requests: number;
}

/**
 * `ownerBefore` is the owner of the route that is put right; null for one that is made. Throws `aws/nameTaken` if someone
 * else has a rule or a destination of the name, `api/conflict` if someone else has taken the route, `aws/noBus`, and as the
 * client does.
 */
export async function writeRoute(
  document: ResourceDocument,
  ownerBefore: string | null,
  on: OnBus,
): Promise<Written> {
  const steps = makeSteps(on);
  const rule = await readRule(document.name, on);
  if (ownerBefore !== null) requireStillThere(rule, document.name, ownerBefore);
  else if (rule) requireOurs("rule", { ...rule, wanted: document });
  // A rule that loses its last settings with the config keeps its target as it is.
  const destinationArn = on.settings && (await putDestination(document, steps));
  await putRule(document, rule, steps);
  if (destinationArn !== null) await putTarget(document, destinationArn, steps);
  const live = await readRoute(document.name, on);
  if (!live) {
    const message = `rule "${document.name}" is not shown after it was written; the next pass looks again`;
    throw new ReconcileError("api/unsettled", message);
  }
  return { live, requests: steps.taken() };
}

interface Steps extends OnBus {
  /** Sends a write, and counts it. */
  readonly take: OnBus["api"]["call"];
  readonly taken: () => number;
}

export function makeSteps(on: OnBus): Steps {
  let taken = 0;
  return {
    ...on,
    take: async (action, input) => {
      const answer = await on.api.call(action, input);
      taken += 1;
      return answer;
    },
    taken: () => taken,
  };
}

export function requireStillThere(
  rule: Rule | null,
  name: string,
  ownerBefore: string,
): asserts rule is Rule {
  if (!rule) throw new ReconcileError("api/notFound", `rule "${name}" is gone`);
  if (ownerOf(rule) === ownerBefore) return;
  throw new ReconcileError("api/conflict", `rule "${name}" was taken by someone else meanwhile`);
}

function requireOurs(
  noun: string,
  { name, description, wanted }: Pick<Rule, "name" | "description"> & { readonly wanted: ResourceDocument },
): void {
  const owner = ownerOf({ description });
  if (owner !== null && owner === ownerOf(wanted)) return;
  const whose = owner === null ? "has no owner's marker" : `is managed by owner "${owner}"`;
  throw new ReconcileError("aws/nameTaken", `the ${noun} "${name}" in AWS ${whose}`, {
    hint: `delete it in AWS, or end its description with "Managed by: reconcile (${ownerOf(wanted) ?? ""})"`,
  });
}

/** Returns its ARN. */
async function putDestination(document: ResourceDocument, steps: Steps): Promise<string> {
  const { settings } = steps;
  if (!settings) throw new ReconcileError("aws/noConnection", "the config has no aws.webhooks");
  const wanted = wantedDestination(document, settings);
  const now = await readDestination(destinationName(document), steps);
  const put = (action: "CreateApiDestination" | "UpdateApiDestination"): Promise<unknown> =>
    steps.take(action, wanted).catch((error: unknown) => {
      throw isCode(error, "api/notFound") ? noConnection(String(wanted["ConnectionArn"]), error) : error;
    });
  if (!now) {
    const answer = await put("CreateApiDestination");
    const arn = isObject(answer) ? answer["ApiDestinationArn"] : null;
    return believeStored(
      typeof arn === "string" ? { ok: true, value: arn } : { ok: false, expected: "an ApiDestinationArn" },
      "CreateApiDestination",
    );
  }
  requireOurs("API destination", {
    name: now.name,
    description: now.description ?? "",
    wanted: document,
  });
  if (!sameDestination(now, wanted)) await put("UpdateApiDestination");
  return now.arn;
}

async function putRule(document: ResourceDocument, now: Rule | null, steps: Steps): Promise<void> {
  const { name, description, eventTypes, state } = document;
  const wantedState = state === "enabled" ? "ENABLED" : "DISABLED";
  const wanted = { name, description, eventTypes: sortedSet(eventTypes), state: wantedState };
  if (now?.eventTypes && sameJson({ ...now, eventTypes: sortedSet(now.eventTypes) }, wanted)) return;
  await steps
    .take("PutRule", {
      ...{ Name: name, EventBusName: steps.bus.name, EventPattern: makePattern(eventTypes) },
      ...{ State: wantedState, Description: description },
    })
    .catch((error: unknown) => {
      throw isCode(error, "api/notFound") ? noBus(steps) : error;
    });
}

async function putTarget(document: ResourceDocument, destinationArn: string, steps: Steps): Promise<void> {
  const { settings, bus } = steps;
  if (!settings) return;
  const wanted = wantedTarget(document, settings, destinationArn);
  const now = (await listTargets(document.name, steps)).find(({ id }) => id === document.name);
  if (now && sameTarget(now, wanted)) return;
  const input = { Rule: document.name, EventBusName: bus.name, Targets: [wanted] };
  requireAllTaken(await steps.take("PutTargets", input), document.name);
}

/** The service answers 200 although it did not take a target. Throws ReconcileError `api/rejected`. */
export function requireAllTaken(answer: unknown, name: string): void {
  const failed = isObject(answer) ? answer["FailedEntries"] : null;
  const [first] = Array.isArray(failed) ? (failed as unknown[]) : [];
  if (!isObject(first)) return;
  const why = [first["ErrorCode"], first["ErrorMessage"]].filter((part) => typeof part === "string");
  throw new ReconcileError("api/rejected", `the target of rule "${name}" was not taken: ${why.join(": ")}`);
}

function noConnection(arn: string, cause: unknown): ReconcileError {
  return new ReconcileError("aws/noConnection", `connection ${arn} is not in AWS`, {
    ...{ hint: "make the connection in AWS, or correct its ARN in aws.webhooks.connections", cause },
  });
}

function noBus({ bus }: OnBus): ReconcileError {
  const message = `there is no event bus ${bus.name} in ${bus.region}, because its event source is not associated`;
  return new ReconcileError("aws/noBus", message, {
    hint: "set aws.associate to true, or associate the event source in the EventBridge console; then run again",
  });
}
