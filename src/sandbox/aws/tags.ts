// The actions on tags, which rules and event buses have.
import { isIn, ruleArnOf } from "./arns.ts";
import {
  answerWith,
  done,
  refuseInvalid,
  refuseUnknown,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import type { Tag } from "./aws-state.ts";
import { refuseManaged } from "./rules.ts";

interface OfResource {
  readonly ResourceARN: string;
}

/** Documented: the tags of a resource. */
const maxTags = 50;

export function tagResource(call: AwsCall<OfResource & { readonly Tags: readonly Tag[] }>): AwsAnswer {
  return changeTags(call, (before) => {
    const added = call.input.Tags.map(({ Key }) => Key);
    return [...before.filter(({ Key }) => !added.includes(Key)), ...call.input.Tags];
  });
}

export function untagResource(
  call: AwsCall<OfResource & { readonly TagKeys: readonly string[] }>,
): AwsAnswer {
  return changeTags(call, (before) => before.filter(({ Key }) => !call.input.TagKeys.includes(Key)));
}

export function listTagsForResource(call: AwsCall<OfResource>): AwsAnswer {
  const { aws, input } = call;
  const resource = aws.rules.get(input.ResourceARN) ?? aws.buses.get(input.ResourceARN);
  return resource ? answerWith({ Tags: resource.Tags }) : refuseResource(call);
}

function changeTags(
  call: AwsCall<OfResource>,
  change: (before: readonly Tag[]) => readonly Tag[],
): AwsAnswer {
  const { aws, input, place } = call;
  const arn = input.ResourceARN;
  const rule = aws.rules.get(arn);
  const bus = aws.buses.get(arn);
  if (!isIn(place, arn)) return refuseResource(call);
  if (rule?.ManagedBy !== undefined) return refuseManaged(rule);
  const tags = change((rule ?? bus)?.Tags ?? []);
  if (tags.length > maxTags) return refuseInvalid(`A resource has at most ${maxTags} tags.`);
  // Tags change nothing that delivers, so they take effect at once.
  if (rule) aws.rules.set(ruleArnOf(rule.busArn, rule.Name), { ...rule, Tags: tags });
  else if (bus) aws.buses.set(arn, { ...bus, Tags: tags });
  else return refuseResource(call);
  return { ...done, json: {} };
}

function refuseResource({ input }: AwsCall<OfResource>): AwsAnswer {
  return refuseUnknown(`Resource ${input.ResourceARN} does not exist.`);
}
