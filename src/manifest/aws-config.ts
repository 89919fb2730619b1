// Makes the settings of `aws` in the config, with their defaults, or returns what is wrong with them.
import { parseDurationMs } from "../lib/duration.ts";
import { quote } from "../lib/text.ts";
import { longestSettleMs, type AwsConfig, type AwsWebhooks } from "../model/config.ts";
import type { Loaded } from "../model/diagnostic.ts";
import { errorAt } from "./problem.ts";
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
  const webhooks = written ? makeWebhooks(written, owner, settleMs) : null;
  const { associate = webhooks !== null } = aws;
  return { ok: true, value: { profile, assumeRole, associate, webhooks }, diagnostics: [] };
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
