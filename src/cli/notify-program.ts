// `reconcile notify`: its name, flags and help.
import { Argument, type Command } from "commander";
import type { NotifyFlags } from "./commands/notify.ts";
import { withTraits } from "./command-line.ts";
import { configOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addNotify(program: Command, world: World, set: (status: number) => void): void {
  withTraits(program.command("notify"), { interruptMessage: null })
    .description("send one message to the receivers that the config's `notify` names")
    .addArgument(
      new Argument("<topic>", "drift, or recovery, which says that the drift is over").choices([
        "drift",
        "recovery",
      ]),
    )
    .usage("<topic> --summary <sentence> [flags]")
    .requiredOption("--summary <sentence>", "the message")
    .option("--link <url>", "where to read more")
    .addOption(configOption())
    .addHelpText("after", notifyNotes)
    .action(async (topic: "drift" | "recovery", flags: NotifyFlags) => {
      const { runNotify } = await import("./commands/notify.ts");
      set(await runNotify(topic, flags, world));
    });
}

const notifyNotes = `
This is for a scheduled plan, which itself sends nothing: the GitHub Action runs it when it opens or closes its issue. sync,
apply, rollback and watch send their messages themselves. A receiver gets this one if its \`on\` in the config has the topic.
It is sent once; if it does not arrive, the exit status is 1.

Examples:
  reconcile notify drift --summary "Genesys Cloud differs from the manifests" --link https://ci.example.com/run/42
  reconcile notify recovery --summary "Genesys Cloud agrees with the manifests again"
`;
