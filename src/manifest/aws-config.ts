// Makes the settings of `aws` in the config, with their defaults, or returns what is wrong with them.
import { parseDurationMs } from "../lib/duration.ts";
import { quote } from "../lib/text.ts";
import { longestSettleMs, type AwsConfig, type AwsWebhooks } from "../model/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { errorAt, warningAt } from "./problem.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** As the file writes it: a key without a schema's default may be absent. */
interface WrittenAws extends Partial<Omit<AwsConfig, "webhooks">> {
  readonly webhooks?: Omit<AwsWebhooks, "source" | "settleMs"> & {
    readonly source?: string;
    readonly settle: string;
  };
}

/** `document` has passed the schema. */
export function makeAwsConfig(document: YamlDocument, owner: string): Loaded<AwsConfig | null> {
  const { aws } = document.value as { readonly aws?: WrittenAws };
  if (aws === undefined) return { ok: true, value: null, diagnostics: [] };
  const { profile = null, assumeRole = null, webhooks: written } = aws;
  const settleMs = written ? parseDurationMs(written.settle) : 0;
  if (settleMs === undefined || settleMs > longestSettleMs) {
    const place = document.placeOf("/aws/webhooks/settle");
    return { ok: false, diagnostics: [errorAt(place, badSettle(written?.settle ?? ""))] };
  }
  const misfits = written ? findMisfits(written, document) : [];
  if (misfits.length > 0) return { ok: false, diagnostics: misfits };
  const webhooks = written ? makeWebhooks(written, owner, settleMs) : null;
  const { associate = webhooks !== null } = aws;
  const warnings =
    webhooks?.deadLetterArn === null
      ? [warningAt(document.placeOf("/aws/webhooks/deadLetterArn"), noQueue)]
      : [];
  return { ok: true, value: { profile, assumeRole, associate, webhooks }, diagnostics: warnings };
}

const noQueue = {
  code: "aws/noQueue",
  message: "without a queue, events that no endpoint took in time are lost, and nothing shows which",
  hint: "make a queue in SQS, and write its ARN here",
};

type Written = NonNullable<WrittenAws["webhooks"]>;

/** A role has no region. */
function findMisfits(
  { account, region, roleArn, connections, deadLetterArn }: Written,
  document: YamlDocument,
): readonly Diagnostic[] {
  const at = "/aws/webhooks";
  const arns = [
    { pointer: `${at}/roleArn`, arn: roleArn, isRegional: false },
    ...connections.map(({ arn }, index) => ({
      ...{ pointer: `${at}/connections/${index}/arn`, arn, isRegional: true },
    })),
    ...(deadLetterArn === null
      ? []
      : [{ pointer: `${at}/deadLetterArn`, arn: deadLetterArn, isRegional: true }]),
  ];
  return arns.flatMap(({ pointer, arn, isRegional }) => {
    const [, partition = "", , its = "", owner = ""] = arn.split(":");
    const wanted = partitionOf(region);
    const faults = [
      ...(owner === account ? [] : [`of the account ${owner}, and aws.webhooks.account is ${account}`]),
      ...(its === region || !isRegional ? [] : [`in ${its}, and aws.webhooks.region is ${region}`]),
      ...(partition === wanted ? [] : [`in the partition ${partition}, and ${region} is in ${wanted}`]),
    ];
    const hint = "name what is in that account and region";
    return faults.length === 0
      ? []
      : [
          errorAt(document.placeOf(pointer), {
            code: "aws/arn",
            message: `${quote(arn)} is ${faults.join("; it is ")}`,
            hint,
          }),
        ];
  });
}

function partitionOf(region: string): string {
  const [first = ""] = region.split("-");
  if (first === "cn" || first === "eusc") return `aws-${first}`;
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function makeWebhooks(
  { account, region, source, roleArn, connections, deadLetterArn }: NonNullable<WrittenAws["webhooks"]>,
  owner: string,
  settleMs: number,
): AwsWebhooks {
  return { account, region, source: source ?? owner, roleArn, connections, deadLetterArn, settleMs };
}

function badSettle(settle: string) {
  return {
    code: "aws/settle",
    message: `${quote(settle)} is no time to settle: it is an ISO 8601 duration of at most PT15M`,
    hint: "write it as PT60S",
  };
}
