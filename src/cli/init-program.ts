// `reconcile init`: its name, flags and help.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { InitFlags } from "./commands/init.ts";
import { findSourceFault, sourceForms } from "../init/package-source.ts";
import { startSchemes } from "../init/starting-manifest.ts";
import type { Kinds } from "../model/kind.ts";
import { wrap } from "../lib/wrap.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addInit(program: Command, world: World, set: (status: number) => void): void {
  const schemes = startSchemes(world.kinds);
  program
    .command("init")
    .description("write a first manifest, the config, schemas and workflows; overwrites nothing")
    .option(
      "--owner <name>",
      "owner of the resources that you will manage (default: the repository's name)",
    )
    .addOption(
      new Option("--scheme <scheme>", "scheme of the endpoints in the example manifest")
        .choices(schemes)
        .default(schemes[0]),
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
  const schemes = startSchemes(kinds).map((scheme) => {
    const { start } = kinds.of({ endpoint: `${scheme}:` });
    return `${scheme} ${start.deliveredBy}`;
  });
  const about =
    `The scheme decides what delivers to an endpoint: ${schemes.join(", ")}. \`reconcile doctor\` lists which of them ` +
    "your organisation offers.";
  return `
--from takes ${sourceForms.join(" or ")}. The workflows download that file and install
it if its sum is right, or they build that commit of the public GitHub repository. Without --from the workflows stop with
an error, which shows the line to fill in.

${wrap(about, { columns: 120 })}

Examples:
  reconcile init && reconcile plan --sandbox
  reconcile init --scheme eventbridge --owner contact-centre
  reconcile init --from github:example/reconcile#0123456789abcdef0123456789abcdef01234567
`;
}
