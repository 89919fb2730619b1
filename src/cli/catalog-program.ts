// `reconcile catalog …`: its names, flags and help.
import type { Command } from "commander";
import type { CatalogFlags } from "./commands/catalog.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addCatalogCommands(program: Command, world: World, set: (status: number) => void): void {
  const catalog = program
    .command("catalog")
    .description("the file of allowed event types that the config names")
    .usage("<command> [flags]")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", pullExamples);

  catalog
    .command("pull")
    .description("write the catalogue of event types from what the organisation offers")
    .usage("[flags]")
    .option("--out <file>", "where to (default: the config's `catalog`, else event-types.txt)")
    .option("--dry-run", "show what would change, and write nothing")
    .addOption(configOption())
    .addOption(outputOption())
    .option("--sandbox", "from the embedded Genesys Cloud")
    .option("--no-progress", "show no progress")
    .option("-v, --verbose", "log each request; show stack traces")
    .addHelpText("after", pullNotes + pullExamples)
    .action(async (flags: CatalogFlags) => {
      const { runCatalogPull } = await import("./commands/catalog.ts");
      set(await runCatalogPull(flags, world));
    });
}

const pullNotes = `
What a catalogue held before is replaced; a file that is no catalogue stays as it is. Behind each event type stand the
transports that the platform states for it. Where the config names a catalogue, every manifest has to keep to it.
`;

const pullExamples = `
Examples:
  reconcile catalog pull
  reconcile catalog pull --dry-run --output json
  reconcile catalog pull --sandbox --out event-types.txt
`;
