// `reconcile init`: its name, flags and help.
import { Option, type Command } from "commander";
import type { InitFlags } from "./commands/init.ts";
import { startSchemes } from "./starting-manifest.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addInit(program: Command, world: World, set: (status: number) => void): void {
  program
    .command("init")
    .description("write a starting manifest, config and workflows; keeps what is there")
    .option("--owner <name>", "ownership name (default: after the repository)")
    .addOption(
      new Option("--scheme <scheme>", "what the manifest's endpoints are")
        .choices(startSchemes)
        .default("https"),
    )
    .addHelpText("after", initExamples)
    .action(async (flags: InitFlags) => {
      const { runInit } = await import("./commands/init.ts");
      set(await runInit(flags, world));
    });
}

const initExamples = `
The scheme says what delivers to an endpoint: https a webhook, eventbridge an EventBridge integration, workflow a
Process Automation trigger. \`reconcile doctor\` says which of them an organisation offers.

Examples:
  reconcile init && reconcile plan --sandbox
  reconcile init --scheme eventbridge --owner contact-centre
`;
