// The actions on rules. PutRule replaces a rule as a whole: what it leaves out becomes nothing.
import { busArnOf, busNameOf, defaultBus, placeOf, ruleArnOf } from "./arns.ts";
import {
  answerWith,
  done,
  refuseAws,
  refuseInvalid,
  refuseLimit,
  refuseUnknown,
  unchanged,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import { hasPrefix, listAwsPage, type Paging } from "./aws-page.ts";
import type { StoredRule, Tag } from "./aws-state.ts";
import { findBus, refuseBus } from "./buses.ts";
import { pickMembers } from "./check-input.ts";
import { findPatternFault, maxPatternSize } from "./event-pattern.ts";
import { ruleMembers, structure } from "./input-shapes.ts";
import { writeRule } from "./rule-versions.ts";

interface OfRule {
  readonly Name: string;
  readonly EventBusName?: string;
}

interface NewRule extends OfRule {
  readonly ScheduleExpression?: string;
  readonly EventPattern?: string;
  readonly State?: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly Tags?: readonly Tag[];
}

/** Without its bus, whose ARN is stored. */
const newRule = structure(ruleMembers);

/** Documented: the rules of a bus. */
export const maxRules = 300;

export function putRule(call: AwsCall<NewRule>): AwsAnswer {
  const { aws, input, place } = call;
  const busArn = busArnOf(place, input.EventBusName);
  const wrong = refuseRule(input, busArn);
  if (wrong) return wrong;
  if (!findBus(call, busArn)) return refuseBus(busArn);
  const arn = ruleArnOf(busArn, input.Name);
  const before = aws.rules.get(arn);
  if (before?.ManagedBy !== undefined) return refuseManaged(before);
  if (!before && rulesOn(call, busArn).length >= maxRules) return refuseLimit();
  const { State = "ENABLED", Tags = [] } = input;
  // Tags are for a rule that is new; those of an update are ignored.
  const kept = before ? { Targets: before.Targets, Tags: before.Tags } : { Targets: [], Tags };
  writeRule(call, arn, { ...pickMembers(newRule, input), State, busArn, ...kept });
  return { ...done, json: { RuleArn: arn } };
}

function refuseRule(input: NewRule, busArn: string): AwsAnswer | null {
  const { EventPattern, ScheduleExpression } = input;
  if (EventPattern === undefined && ScheduleExpression === undefined)
    return refuseInvalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (ScheduleExpression !== undefined && busNameOf(busArn) !== defaultBus)
    return refuseInvalid("ScheduleExpression is supported only on the default event bus.");
  if (EventPattern === undefined) return null;
  const fault = findPatternFault(EventPattern);
  if (fault !== null)
    return refuseAws("InvalidEventPatternException", `Event pattern is not valid. Reason: ${fault}`);
  return EventPattern.length > maxPatternSize ? refuseLimit() : null;
}

export function describeRule(call: AwsCall<OfRule>): AwsAnswer {
  return withRule(call, call.input.Name, (rule) => {
    const { account: CreatedBy } = placeOf(rule.busArn);
    return answerWith({ ...showRule(rule), CreatedBy });
  });
}

export function listRules(
  call: AwsCall<Paging & { readonly NamePrefix?: string; readonly EventBusName?: string }>,
): AwsAnswer {
  const busArn = busArnOf(call.place, call.input.EventBusName);
  if (!findBus(call, busArn)) return refuseBus(busArn);
  return listAwsPage(call, {
    key: "Rules",
    entries: rulesOn(call, busArn).filter(({ Name }) => hasPrefix(Name, call.input.NamePrefix)),
    nameOf: ({ Name }) => Name,
    show: showRule,
  });
}

export function enableRule(call: AwsCall<OfRule>): AwsAnswer {
  return setState(call, "ENABLED");
}

export function disableRule(call: AwsCall<OfRule>): AwsAnswer {
  return setState(call, "DISABLED");
}

/** A rule that does not exist is no error. Force is for managed rules; it does not remove targets. */
export function deleteRule(call: AwsCall<OfRule & { readonly Force?: boolean }>): AwsAnswer {
  const { aws, input, place } = call;
  const busArn = busArnOf(place, input.EventBusName);
  if (!findBus(call, busArn)) return refuseBus(busArn);
  const arn = ruleArnOf(busArn, input.Name);
  const rule = aws.rules.get(arn);
  if (!rule) return unchanged;
  if (rule.ManagedBy !== undefined && input.Force !== true) return refuseManaged(rule);
  if (rule.Targets.length > 0) return refuseInvalid("Rule can't be deleted since it has targets.");
  writeRule(call, arn, null);
  return done;
}

export function withRule(
  call: AwsCall<{ readonly EventBusName?: string }>,
  name: string,
  action: (rule: StoredRule, arn: string) => AwsAnswer,
): AwsAnswer {
  const busArn = busArnOf(call.place, call.input.EventBusName);
  if (!findBus(call, busArn)) return refuseBus(busArn);
  const arn = ruleArnOf(busArn, name);
  const rule = call.aws.rules.get(arn);
  if (rule) return action(rule, arn);
  return refuseUnknown(`Rule ${name} does not exist on EventBus ${busNameOf(busArn)}.`);
}

export function refuseManaged({ Name, ManagedBy }: StoredRule): AwsAnswer {
  return refuseAws("ManagedRuleException", `Rule ${Name} is managed by ${String(ManagedBy)}.`);
}

export function rulesOn({ aws }: AwsCall<unknown>, busArn: string): readonly StoredRule[] {
  return [...aws.rules.values()].filter((rule) => rule.busArn === busArn);
}

function setState(call: AwsCall<OfRule>, State: string): AwsAnswer {
  return withRule(call, call.input.Name, (rule, arn) => {
    if (rule.ManagedBy !== undefined) return refuseManaged(rule);
    if (rule.State === State) return unchanged;
    writeRule(call, arn, { ...rule, State });
    return done;
  });
}

function showRule({ busArn, ...rule }: StoredRule): object {
  const hidden = { Targets: undefined, Tags: undefined };
  return { ...rule, ...hidden, Arn: ruleArnOf(busArn, rule.Name), EventBusName: busNameOf(busArn) };
}
