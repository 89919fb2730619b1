// Asks on a terminal before a command writes: shows the plan, waits for a yes, and reports what was done.
import { needsApproval, runApproved, type AskingFlags } from "../app/approval.ts";
import type { PortsSource } from "../app/session-ports.ts";
import type { World } from "../app/world.ts";
import type { Result } from "../model/result.ts";
import { reportRun, showPlan, type ReportFlags } from "../report/report.ts";
import { describeTarget } from "../report/summary.ts";
import { askYes } from "./ask-yes.ts";

/** Returns the exit status. `run` gets no `approves` if nobody is to be asked. */
export async function reportApproved(
  run: (approves?: PortsSource["approves"]) => Promise<Result>,
  flags: AskingFlags & ReportFlags,
  world: World,
): Promise<number> {
  if (!needsApproval(flags, world)) return reportRun(await run(), flags, world);
  let seen: Result | undefined;
  const result = await runApproved({
    run,
    ask: async (shown, isChanged) => {
      if (isChanged) world.stderr.write("The plan has changed since you accepted it. Now it is:\n\n");
      await showPlan(shown, flags, world);
      seen = shown;
      return askYes(`Apply this plan to ${describeTarget(shown) ?? "the platform"}?`, world);
    },
  });
  if (result) return reportRun(result, { ...flags, seen }, world);
  world.stderr.write("Nothing was written.\n");
  return 1;
}
