// `reconcile state …`: the names, flags and help of its commands.
import { type Command, Option } from "commander";
import type { InitFlags } from "./commands/state-init.ts";
import type { MoveFlags } from "./commands/state-move.ts";
import { withTraits } from "./command-line.ts";
import { addLockTimeout, addStateFlags, addYes, configOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addStateCommands(program: Command, world: World, set: (status: number) => void): void {
  const state = program
    .command("state")
    .description("make the tables of a shared store; move the trail from one store to another")
    .usage("<command> [flags]")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", stateExamples);

  withTraits(state.command("init"), { interruptMessage: null })
    .description("make or migrate the tables of the PostgreSQL store; the other stores need none")
    .usage("[flags]")
    .addOption(configOption())
    .option("--grant <role...>", "give these database roles what passes need")
    .option("--grant-read <role...>", "give these database roles what commands that only read need")
    .addHelpText("after", initNotes)
    .action(async (flags: InitFlags) => {
      const { runStateInit } = await import("./commands/state-init.ts");
      set(await runStateInit(flags, world));
    });

  addYes(addLockTimeout(addStateFlags(withTraits(state.command("move"), { interruptMessage: endsMove }))))
    .description("move the trail from the config's store to another one")
    .usage("--to <store> [flags]")
    .addOption(
      new Option("--to <store>", "the store that the trail is moved to")
        .choices(["files", "git", "postgres"])
        .makeOptionMandatory(),
    )
    .addHelpText("after", moveNotes)
    .action(async (flags: MoveFlags) => {
      const { runStateMove } = await import("./commands/state-move.ts");
      set(await runStateMove(flags, world));
    });
}

const endsMove = "\nInterrupted: the move ends before its next part; repeat it to complete it\n";

const stateExamples = `
Examples:
  reconcile state init --grant reconcile_pass
  reconcile state move --to postgres
`;

const initNotes = `
Run it as the owner of the database's schema, with RECONCILE_DATABASE_URL in the environment, and again after an update. Let
passes log in as a role that \`--grant\` names: a pass as the owner could take the protection of the trail away.

Examples:
  RECONCILE_DATABASE_URL=postgres://owner@db.example.com/state reconcile state init --grant reconcile_pass
  reconcile state init --grant reconcile_pass --grant-read auditors
`;

const moveNotes = `
The config names the store that the trail is in; change it after the move. Both stores are locked meanwhile, and no record is
added. A move that was cut off is completed when it is repeated. The old store is marked, and refuses passes until the trail
is moved back.

Examples:
  reconcile state move --to git
  reconcile state move --to postgres --yes
  reconcile state move --to files
`;
