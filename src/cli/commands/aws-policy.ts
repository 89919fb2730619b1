// `reconcile aws policy`: prints the least IAM policy and a CloudFormation template to begin with.
import { stringify } from "yaml";
import { requireConfig } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import {
  makeIamPolicy,
  makeTemplate,
  placeholderAccount,
  placeholderWebhooks,
} from "../../init/aws-policy.ts";

export interface AwsPolicyFlags {
  readonly config?: string;
  readonly output: "text" | "json";
}

/** Returns the exit status. */
export async function runAwsPolicy(flags: AwsPolicyFlags, world: World): Promise<number> {
  const { aws, organization, owner } = await requireConfig(flags, world.files);
  const webhooks = aws?.webhooks ?? null;
  const wish = {
    aws: aws ?? { associate: true },
    webhooks: webhooks ?? placeholderWebhooks(owner),
    organization,
  };
  const [policy, template] = [makeIamPolicy(wish), makeTemplate(wish)];
  if (webhooks === null)
    world.stderr.write(
      `the config has no aws.webhooks, so account ${placeholderAccount}, its region and the names are placeholders\n`,
    );
  const text =
    flags.output === "json"
      ? JSON.stringify({ policy, template }, null, 2)
      : [
          `# The least IAM policy for whoever runs reconcile.\n${toYaml(policy)}`,
          toYaml(template, templateNote),
        ].join("---\n");
  world.stdout.write(`${text.trimEnd()}\n`);
  return 0;
}

const templateNote =
  "# A CloudFormation template to begin with: the role by which EventBridge calls the endpoints, the queue for events that\n" +
  "# could not be delivered, and a connection with an API key. Its outputs are the ARNs for aws.webhooks in the config.\n";

function toYaml(value: object, note = ""): string {
  // Programs that read YAML 1.1 take an unquoted date for one, and CloudFormation knows no aliases.
  return note + stringify(value, { lineWidth: 0, version: "1.1", aliasDuplicateObjects: false });
}
