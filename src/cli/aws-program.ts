// `reconcile aws …`: the names, flags and help of its commands.
import type { Command } from "commander";
import type { AwsPolicyFlags } from "./commands/aws-policy.ts";
import { withTraits } from "./command-line.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addAwsCommands(program: Command, world: World, set: (status: number) => void): void {
  const aws = program
    .command("aws")
    .description("print what AWS needs, so that events reach https endpoints through EventBridge")
    .usage("<command> [flags]")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", examples);

  withTraits(aws.command("policy"), { interruptMessage: null })
    .description("print the least IAM policy, and a CloudFormation template to begin with")
    .usage("[flags]")
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText("after", policyNotes)
    .action(async (flags: AwsPolicyFlags) => {
      const { runAwsPolicy } = await import("./commands/aws-policy.ts");
      set(await runAwsPolicy(flags, world));
    });
}

const examples = `
Examples:
  reconcile aws policy
`;

const policyNotes = `
It asks neither AWS nor Genesys Cloud. The two YAML documents are made for the account, the region and the names of the
config's \`aws.webhooks\`; without that key they hold placeholders. JSON is one object: { policy, template }.

Examples:
  reconcile aws policy
  reconcile aws policy --output json | jq .policy
`;
