// The actions on the targets of a rule.
import { busArnOf } from "./arns.ts";
import { done, refuseInvalid, refuseLimit, unchanged, type AwsAnswer, type AwsCall } from "./aws-call.ts";
import { listAwsPage, type Paging } from "./aws-page.ts";
import type { Target } from "./aws-state.ts";
import { findBus, refuseBus } from "./buses.ts";
import { writeRule } from "./rule-versions.ts";
import { refuseManaged, rulesOn, withRule } from "./rules.ts";

interface OfTargets {
  readonly Rule: string;
  readonly EventBusName?: string;
}

/** Documented: the targets of a rule. */
export const maxTargets = 5;

/** A target whose Id the rule has already is replaced as a whole. */
export function putTargets(call: AwsCall<OfTargets & { readonly Targets: readonly Target[] }>): AwsAnswer {
  const { Targets } = call.input;
  const wrong = Targets.map(refuseTarget).find((refusal) => refusal !== null);
  if (wrong) return wrong;
  return withRule(call, call.input.Rule, (rule, arn) => {
    if (rule.ManagedBy !== undefined) return refuseManaged(rule);
    const targets = new Map(rule.Targets.map((target) => [target.Id, target]));
    for (const target of Targets) targets.set(target.Id, target);
    if (targets.size > maxTargets) return refuseLimit();
    writeRule(call, arn, { ...rule, Targets: [...targets.values()] });
    return { ...done, json: noFailures };
  });
}

/** EventBridge calls an API destination by a role, and keeps what it gives up in a queue of SQS alone. */
function refuseTarget({ Arn, RoleArn, DeadLetterConfig }: Target): AwsAnswer | null {
  if (!/^arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12})?:.+$/.test(Arn))
    return refuseInvalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  if (Arn.includes(":api-destination/") && RoleArn === undefined)
    return refuseInvalid(`RoleArn is required for target ${Arn}.`);
  if (RoleArn !== undefined && !/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(RoleArn))
    return refuseInvalid(
      `Parameter ${RoleArn} is not valid. Reason: Provided role is not in correct format.`,
    );
  const queue = DeadLetterConfig?.Arn;
  if (queue === undefined || /^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w.-]+$/.test(queue)) return null;
  return refuseInvalid(`Parameter ${queue} is not valid. Reason: Provided Arn is not that of a queue.`);
}

const noFailures = { FailedEntryCount: 0, FailedEntries: [] };

export function listTargetsByRule(call: AwsCall<Paging & OfTargets>): AwsAnswer {
  return withRule(call, call.input.Rule, ({ Targets }) =>
    listAwsPage(call, {
      key: "Targets",
      entries: Targets,
      nameOf: ({ Id }) => Id,
      show: (target) => target,
    }),
  );
}

/** An Id that the rule does not have is no error. */
export function removeTargets(
  call: AwsCall<OfTargets & { readonly Ids: readonly string[]; readonly Force?: boolean }>,
): AwsAnswer {
  const { Ids, Force } = call.input;
  return withRule(call, call.input.Rule, (rule, arn) => {
    if (rule.ManagedBy !== undefined && Force !== true) return refuseManaged(rule);
    const Targets = rule.Targets.filter(({ Id }) => !Ids.includes(Id));
    if (Targets.length === rule.Targets.length) return { ...unchanged, json: noFailures };
    writeRule(call, arn, { ...rule, Targets });
    return { ...done, json: noFailures };
  });
}

export function listRuleNamesByTarget(
  call: AwsCall<Paging & { readonly TargetArn: string; readonly EventBusName?: string }>,
): AwsAnswer {
  const { TargetArn, EventBusName } = call.input;
  const busArn = busArnOf(call.place, EventBusName);
  if (!findBus(call, busArn)) return refuseBus(busArn);
  return listAwsPage(call, {
    key: "RuleNames",
    entries: rulesOn(call, busArn).filter(({ Targets }) => Targets.some(({ Arn }) => Arn === TargetArn)),
    nameOf: ({ Name }) => Name,
    show: ({ Name }) => Name,
  });
}
