// Asks on a terminal before a command writes: shows the plan, waits for a yes, and reports what was done.
import { needsApproval, runApproved, type AskingFlags } from "../app/approval.ts";
import type { PortsSource } from "../app/session-ports.ts";
import type { World } from "../app/world.ts";
import { plain } from "../lib/plain.ts";
import type { Result } from "../model/result.ts";
import { reportRun, showPlan, type ReportFlags } from "../report/report.ts";
import { describeTarget } from "../report/summary.ts";

/** A terminal that no keyboard belongs to, such as one of `docker run -t`, never ends its input. */
const answerMs = 600_000;

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

/** Asks a question of one line. */
export async function askYes(question: string, world: World): Promise<boolean> {
  world.stderr.write(plain(`${question} [y/N] `));
  return isYes(await readAnswer(world));
}

/** Returns null at the end of the input, and if nobody answers. */
export async function readAnswer({ stdin, stderr, clock, interrupted }: World): Promise<string | null> {
  const late = new AbortController();
  const cancel = clock.repeat(answerMs, () => {
    late.abort();
  });
  const answer = await stdin.readLine(AbortSignal.any([interrupted, late.signal])).finally(cancel);
  // The cursor still stands behind the question.
  if (answer === null) stderr.write("\n");
  return answer;
}

function isYes(answer: string | null): boolean {
  return answer !== null && /^(?:y|yes)$/.test(answer.trim());
}
