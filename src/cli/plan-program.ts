// `reconcile apply`: the names, flags and help of what applies a plan that is not made from the manifests here and now.
import type { Command } from "commander";
import { addRunFlags } from "./flags.ts";
import type { RunFlags } from "./pass-settings.ts";
import type { World } from "./world.ts";

/** `set` receives the exit status of the command that ran. */
export function addPlanCommands(program: Command, world: World, set: (status: number) => void): void {
  addRunFlags(program.command("apply").description("apply exactly a saved plan, once"))
    .argument("<plan>", "the file that `reconcile plan --out` wrote")
    .usage("<plan> [flags]")
    .addHelpText("after", applyExamples)
    .action(async (file: string, flags: RunFlags) => {
      const { runApply } = await import("./commands/apply.ts");
      set(await runApply(file, flags, world));
    });
}

/** What decides what a plan is; a saved one has it inside. */
const planFlags = /^--(?:group|selector|prune|adopt|allow-deletes|allow-empty|dry-run|out|explain)(?==|$)/;

/** Before commander calls them unknown, and proposes another. */
export function refusePlanFlags([command, ...words]: readonly string[], program: Command): void {
  const flag = command === "apply" && words.map((word) => planFlags.exec(word)?.[0]).find(Boolean);
  if (!flag) return;
  const way =
    flag === "--dry-run" || flag === "--explain"
      ? "`reconcile plan` shows what would be done"
      : `for another plan: reconcile plan ${flag === "--out" ? "" : `${flag} `}--out FILE`;
  program.error(
    `error: unknown option '${flag}': a saved plan holds the flags that it was made with, and apply takes none; ${way}`,
    { code: "commander.unknownOption" },
  );
}

const applyExamples = `
Refused where the manifests of its groups, or the webhooks that it relies on, are not what they were when it was made.

Examples:
  reconcile plan --out plan.json     in the pull request: what will be done
  reconcile apply plan.json          after the approval: that, and nothing else
`;
