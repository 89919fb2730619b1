// `reconcile import`: its name, flags and help.
import type { Command } from "commander";
import type { ImportFlags } from "./commands/import.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addImport(program: Command, world: World, set: (status: number) => void): void {
  program
    .command("import")
    .description("write manifests for live resources that have none; changes nothing live")
    .usage("[flags]")
    .option("--update", "also update existing manifests to what is live; their comments stay")
    .option("--dry-run", "print what would be written, and write nothing")
    .option("--manifests <dir>", "folder of the manifests (default: subscriptions)")
    .addOption(configOption())
    .option("--group <name...>", "only these consumer groups")
    .addOption(outputOption())
    .option("--sandbox", "read the embedded Genesys Cloud, whose state is in .reconcile/sandbox.json")
    .option("--no-progress", "show no progress")
    .option("-v, --verbose", "log each request; show stack traces")
    .addHelpText("after", importExamples)
    .action(async (flags: ImportFlags) => {
      const { runImport } = await import("./commands/import.ts");
      set(await runImport(flags, world));
    });
}

const importExamples = `
Resources with the same \`Consumer group: …\` in their description or notes become one manifest. Resources without a
group, and those of other owners, are listed and left alone. A sync with --adopt then takes the imported resources over,
without a gap in delivery.

Examples:
  reconcile import --dry-run
  reconcile import && reconcile plan --adopt
  reconcile import --update --group analytics-pipeline-alpha
`;
