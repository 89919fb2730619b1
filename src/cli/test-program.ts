// `reconcile test`: its name, flags and help.
import type { Command } from "commander";
import type { TestFlags } from "./commands/test.ts";
import { withTraits } from "./command-line.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addTest(program: Command, world: World, set: (status: number) => void): void {
  withTraits(program.command("test"), { isDryRun: true, interruptMessage: null })
    .description("ask the platform whether an event would start a group's workflow; changes nothing")
    .argument("<file>", "the event, as JSON, such as event.json")
    .usage("<file> --group <name> [flags]")
    .requiredOption("--group <name>", "the consumer group")
    .option("--event-type <topic>", "the event's topic, if the file does not state it")
    .option("--manifests <dir>", "folder of the manifests (default: subscriptions)")
    .addOption(configOption())
    .addOption(outputOption())
    .option("--sandbox", "ask the embedded Genesys Cloud")
    .option("--no-progress", "show no progress")
    .option("-v, --verbose", "log each request; show stack traces")
    .addHelpText("after", testNotes)
    .action(async (file: string, flags: TestFlags) => {
      const { runTest } = await import("./commands/test.ts");
      set(await runTest(file, flags, world));
    });
}

const testNotes = `
The file holds one event: as EventBridge delivers it, or { "topicName": …, "eventBody": … }, or the body alone. A body
alone needs --event-type, unless the group has one event type. The test is of what is live, so run a sync first. The
OAuth client needs the permission processautomation:trigger:test.

Examples:
  reconcile test event.json --group survey
  reconcile test body.json --group survey --event-type 'v2.detail.events.conversation.{id}.acw'
  reconcile test event.json --group survey --sandbox --output json
`;
