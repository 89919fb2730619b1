// Deletes a route: target → rule → destination. A target of someone else stays, and its rule with it, disabled.
import { ReconcileError } from "../../model/errors.ts";
import { ownerOf } from "../../model/ownership.ts";
import { isObject } from "../../genesys/client/json.ts";
import { orNotFound } from "../../genesys/parsed.ts";
import { listTargets, readDestination, readRule, type OnBus } from "./read-routes.ts";
import type { Target } from "./shape.ts";
import { makeSteps, requireAllTaken, requireStillThere } from "./write-route.ts";

/**
 * Returns how many requests took effect. Throws `aws/foreignTarget` if someone else's target keeps the rule, `api/conflict`
 * if someone else has taken the route, and as the client does.
 */
export async function removeRoute(name: string, ownerBefore: string | null, on: OnBus): Promise<number> {
  const steps = makeSteps(on);
  const rule = await readRule(name, on);
  if (rule && ownerBefore !== null) requireStillThere(rule, name, ownerBefore);
  const targets = rule ? await listTargets(name, on) : [];
  const own = targets.find(({ id }) => id === name);
  const foreign = targets.filter(({ id }) => id !== name);
  const place = { EventBusName: on.bus.name };
  if (rule && foreign.length > 0 && rule.state !== "DISABLED")
    await steps.take("DisableRule", { ...place, Name: name });
  if (own)
    requireAllTaken(await steps.take("RemoveTargets", { ...place, Rule: name, Ids: [own.id] }), name);
  if (foreign.length > 0) throw keptFor(name, foreign);
  if (rule) await steps.take("DeleteRule", { ...place, Name: name });
  await removeDestination(own ? nameIn(own.arn) : name, ownerBefore, steps);
  return steps.taken();
}

function nameIn(arn: string): string {
  return /:api-destination\/([^/]+)/.exec(arn)?.[1] ?? "";
}

/** Other parts of the endpoint may still lead to it. */
async function removeDestination(
  name: string,
  owner: string | null,
  steps: ReturnType<typeof makeSteps>,
): Promise<void> {
  const destination = await readDestination(name, steps);
  if (!destination) return;
  const marked = ownerOf({ description: destination.description ?? "" });
  if (marked === null || (owner !== null && marked !== owner)) return;
  const input = { TargetArn: destination.arn, EventBusName: steps.bus.name };
  const answer = await orNotFound(steps.api.call("ListRuleNamesByTarget", input));
  const users = isObject(answer) ? answer["RuleNames"] : [];
  if (Array.isArray(users) && users.length > 0) return;
  await orNotFound(steps.take("DeleteApiDestination", { Name: name }));
}

function keptFor(name: string, foreign: readonly Target[]): ReconcileError {
  const arns = foreign.map(({ arn }) => arn).join(", ");
  const message = `rule "${name}" has a target that reconcile did not make, so it stays, disabled: ${arns}`;
  return new ReconcileError("aws/foreignTarget", message, {
    hint: "move that target to a rule of its own, then delete the rule in AWS",
  });
}
