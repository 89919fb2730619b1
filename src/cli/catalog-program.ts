// `reconcile catalog …`: its names, flags and help.
import type { Command } from "commander";
import type { CatalogFlags } from "./commands/catalog.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addCatalogCommands(program: Command, world: World, set: (status: number) => void): void {
  const catalog = program
    .command("catalog")
    .description("manage the catalogue, the file with the allowed event types")
    .usage("<command> [flags]")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", pullExamples);

  catalog
    .command("pull")
    .description("write the event types that the organisation offers to the catalogue")
    .usage("[flags]")
    .option("--out <file>", "the file to write (default: the config's `catalog`, else event-types.txt)")
    .option("--dry-run", "show what would change, and write nothing")
    .addOption(configOption())
    .addOption(outputOption())
    .option("--sandbox", "read the event types of the embedded Genesys Cloud")
    .option("--no-progress", "show no progress")
    .option("-v, --verbose", "log each request; show stack traces")
    .addHelpText("after", pullNotes + pullExamples)
    .action(async (flags: CatalogFlags) => {
      const { runCatalogPull } = await import("./commands/catalog.ts");
      set(await runCatalogPull(flags, world));
    });
}

const pullNotes = `
An existing catalogue is overwritten; a file that is not a catalogue is left as it is. After each event type the
catalogue lists its transports, as the platform states them: eventbridge: endpoints need EventBridge, workflow: endpoints
ProcessAutomation, and All is each. Which topics triggers can have is read from a list of its own; a client that may not
read that list gets the rest, with a warning. If the config names a catalogue, a manifest with an event type that the
catalogue lacks, or lists with other transports, is an error. Event types of webhooks in the manifests are kept in the
catalogue if the platform lists none that begins in the same way.

If \`init\` wrote a schema beside the config, it is updated, too: editors then complete these event types.
`;

const pullExamples = `
Examples:
  reconcile catalog pull
  reconcile catalog pull --dry-run --output json
  reconcile catalog pull --sandbox --out event-types.txt
`;
