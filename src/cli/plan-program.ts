// `reconcile apply` and `reconcile rollback`: their names, flags and help. Both apply a plan that was not made from the
// present manifests.
import { Option, type Command } from "commander";
import type { ReleaseFlags } from "./commands/release.ts";
import type { RollbackFlags } from "./commands/rollback.ts";
import { withTraits } from "./command-line.ts";
import {
  addAcceptHead,
  addAllowOlder,
  addLockTimeout,
  addRunFlags,
  addWhoseFlags,
  addYes,
  runPrefix,
} from "./flags.ts";
import type { RunFlags } from "../app/pass-settings.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addPlanCommands(program: Command, world: World, set: (status: number) => void): void {
  const apply = program.command("apply").description("apply a saved plan exactly as it was saved, once");
  addLockTimeout(
    addAllowOlder(addAcceptHead(addRunFlags(withTraits(apply, { explainFlag: explainPlanFlag })))),
  )
    .argument("<plan>", "the file that `reconcile plan --out` wrote, such as plan.json")
    .usage("<plan> [flags]")
    .addHelpText("after", applyExamples)
    .action(async (file: string, flags: RunFlags) => {
      const { runApply } = await import("./commands/apply.ts");
      set(await runApply(file, flags, world));
    });

  addRollback(program, world, set);
  addRelease(program, world, set);
}

function addRollback(program: Command, world: World, set: (status: number) => void): void {
  const rollback = addWhoseFlags(program.command("rollback"))
    .description("undo what a run changed, from its records in the audit trail")
    .addOption(
      new Option("--run <id>", "the run to undo; at least the first 4 characters of its id").argParser(
        runPrefix,
      ),
    )
    .addOption(new Option("--last", "undo the last run that changed something").conflicts("run"))
    .option("--dry-run", "show what would be done; cannot write anything")
    .option(
      "--force",
      "also undo what someone has changed since the run; refused if the trail's chain is broken",
    )
    .option("--allow-deletes", "let the rollback delete more than maxDeletePercent")
    .option("--audit <file>", "read the trail of another machine, such as a copy of CI's")
    .option(
      "--write-manifests",
      "restore in the working tree, from Git, the manifests as they were before the run",
    );
  addLockTimeout(addYes(addRunFlags(rollback)))
    .usage("(--run <id> | --last) [flags]")
    .addHelpText("after", rollbackExamples)
    .action(async ({ last, ...flags }: RollbackFlags & { last?: true }) => {
      if (!last && flags.run === undefined)
        program.error(
          "error: which run? name it with --run <id>, or pass --last (`reconcile audit log` lists the runs)",
        );
      const { runRollback } = await import("./commands/rollback.ts");
      set(await runRollback(flags, world));
    });
}

function addRelease(program: Command, world: World, set: (status: number) => void): void {
  const release = program
    .command("release")
    .description("give groups up: take this owner's marker off what is live, which goes on delivering")
    .requiredOption("--group <name...>", "the consumer groups to give up")
    .option("--dry-run", "show what would be done; cannot write anything");
  addLockTimeout(addAcceptHead(addYes(addRunFlags(release))))
    .usage("--group <name...> [flags]")
    .addHelpText("after", releaseExamples)
    .action(async (flags: ReleaseFlags) => {
      const { runRelease } = await import("./commands/release.ts");
      set(await runRelease(flags, world));
    });
}

/** These flags show a plan and change nothing in it. */
const showingFlags = ["--dry-run", "--explain", "--base"];

/** `apply` has none of the flags that decide what a plan contains: the saved plan holds their values. */
function explainPlanFlag(flag: string, commandsWithFlag: readonly string[]): string | null {
  if (flag === "--yes") return "apply never asks, because its plan was looked at before";
  if (!commandsWithFlag.includes("plan")) return null;
  const way = showingFlags.includes(flag)
    ? "`reconcile plan` shows what would be done"
    : `for another plan, run: reconcile plan ${flag === "--out" ? "" : `${flag} `}--out FILE`;
  return `a saved plan was made with its own flags, and apply does not change them; ${way}`;
}

const rollbackExamples = `
Change the manifests in Git too: until they are as before the run, the next sync makes the same changes again.

Examples:
  reconcile rollback --last --dry-run               shows what would be undone
  reconcile rollback --run 3f2a9c01 --write-manifests && git add -A subscriptions && git commit
  reconcile rollback --run 3f2a9c01 --audit trail-of-ci/subscription_audit.log
`;

const releaseExamples = `
Remove the manifests of these groups, too: a sync that finds one of them meets resources without an owner, which is a
conflict.

Examples:
  reconcile release --group analytics-pipeline-alpha --dry-run
  reconcile release --group analytics-pipeline-alpha && git rm subscriptions/analytics-pipeline-alpha.yaml
`;

const applyExamples = `
A plan is refused when the manifests of its groups, or the live resources that it relies on, have changed since it was
saved.

Examples:
  reconcile plan --out plan.json     before the approval: saves what will be done
  reconcile apply plan.json          after the approval: does that, and nothing else
`;
