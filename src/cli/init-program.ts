// `reconcile init`: its name, flags and help.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { InitFlags } from "./commands/init.ts";
import { findSourceFault, sourceForms } from "../init/package-source.ts";
import { startChoices } from "../init/starting-manifest.ts";
import type { Kinds } from "../model/kind.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addInit(program: Command, world: World, set: (status: number) => void): void {
  const choices = startChoices(world.kinds);
  program
    .command("init")
    .description("write a first manifest, the config, schemas and workflows; overwrites nothing")
    .option(
      "--owner <name>",
      "owner of the resources that you will manage (default: the repository's name)",
    )
    .addOption(
      new Option(
        "--scheme <scheme>",
        `what delivers to the example's endpoint (default: ${choices[0]?.name ?? ""}; a terminal is asked)`,
      ).choices(choices.map(({ name }) => name)),
    )
    .option(
      "--from <place>",
      "where the workflows get reconcile (default: you fill it in later)",
      packageSource,
    )
    .addHelpText("after", describeInit(world.kinds))
    .action(async (flags: InitFlags) => {
      const { runInit } = await import("./commands/init.ts");
      set(await runInit(flags, world));
    });
}

function packageSource(text: string): string {
  const fault = findSourceFault(text);
  if (fault === null) return text;
  throw new InvalidArgumentError(`${fault} Write it as ${sourceForms.join(" or ")}.`);
}

function describeInit(kinds: Kinds): string {
  const choices = startChoices(kinds)
    .map(({ name, kind }) => `- ${name}: ${kind.start.deliveredBy}; it needs ${kind.start.needs}\n`)
    .join("");
  return `
--from takes ${sourceForms.join(" or ")}. The workflows download that file and install
it if its sum is right, or they build that commit of the public GitHub repository. Without --from the workflows stop with
an error, which shows the line to fill in.

--scheme decides what delivers to an endpoint. \`reconcile doctor\` shows what your organisation offers.
${choices}
Examples:
  reconcile init && reconcile plan --sandbox
  reconcile init --scheme eventbridge --owner contact-centre
  reconcile init --scheme route --owner contact-centre
  reconcile init --from github:example/reconcile#0123456789abcdef0123456789abcdef01234567
`;
}
