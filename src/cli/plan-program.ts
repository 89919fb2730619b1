// `reconcile apply` and `reconcile rollback`: the names, flags and help of what applies a plan that is not made from the manifests here and now.
import { Option, type Command } from "commander";
import type { RollbackFlags } from "./commands/rollback.ts";
import { withTraits } from "./command-line.ts";
import { addRunFlags, runPrefix } from "./flags.ts";
import type { RunFlags } from "../app/pass-settings.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addPlanCommands(program: Command, world: World, set: (status: number) => void): void {
  const apply = program.command("apply").description("apply exactly a saved plan, once");
  addRunFlags(withTraits(apply, { explainFlag: explainPlanFlag }))
    .argument("<plan>", "the file that `reconcile plan --out` wrote")
    .usage("<plan> [flags]")
    .addHelpText("after", applyExamples)
    .action(async (file: string, flags: RunFlags) => {
      const { runApply } = await import("./commands/apply.ts");
      set(await runApply(file, flags, world));
    });

  addRunFlags(
    program
      .command("rollback")
      .description("put webhooks back to where a run found them, from its audit records")
      .addOption(
        new Option("--run <id>", "the run; the first 4 characters of its id, or more").argParser(runPrefix),
      )
      .addOption(new Option("--last", "the last run that changed something").conflicts("run"))
      .option("--dry-run", "show what would be done; cannot write at all")
      .option("--force", "also webhooks that were touched since; never from a trail with a broken chain")
      .option("--allow-deletes", "delete more than maxDeletePercent, where event types go nowhere else")
      .option("--audit <file>", "the trail of another machine, such as a copy of CI's")
      .option("--write-manifests", "put the manifests as they were into the working tree, by Git"),
  )
    .usage("(--run <id> | --last) [flags]")
    .addHelpText("after", rollbackExamples)
    .action(async ({ last, ...flags }: RollbackFlags & { last?: true }) => {
      if (!last && flags.run === undefined)
        program.error(
          "error: which run? name it with --run <id>, or pass --last (`reconcile audit log` shows them)",
        );
      const { runRollback } = await import("./commands/rollback.ts");
      set(await runRollback(flags, world));
    });
}

/** They show a plan, and change nothing in it. */
const showingFlags = ["--dry-run", "--explain", "--base"];

/** What decides what a plan is: a saved one has it inside. */
function explainPlanFlag(flag: string, holders: readonly string[]): string | null {
  if (!holders.includes("plan")) return null;
  const way = showingFlags.includes(flag)
    ? "`reconcile plan` shows what would be done"
    : `for another plan: reconcile plan ${flag === "--out" ? "" : `${flag} `}--out FILE`;
  return `a saved plan holds the flags that it was made with, and apply takes none; ${way}`;
}

const rollbackExamples = `
Git must follow: until the manifests are as they were, the next sync applies the run again.

Examples:
  reconcile rollback --last --dry-run               what would be put back
  reconcile rollback --run 3f2a9c01 --write-manifests && git add -A subscriptions && git commit
  reconcile rollback --run 3f2a9c01 --audit trail-of-ci/subscription_audit.log
`;

const applyExamples = `
Refused where the manifests of its groups, or the webhooks that it relies on, are not what they were when it was made.

Examples:
  reconcile plan --out plan.json     in the pull request: what will be done
  reconcile apply plan.json          after the approval: that, and nothing else
`;
