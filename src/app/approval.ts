// A plan that writes is carried out only if a person has seen it and said yes.
import { isCiRun } from "../git/ci-run.ts";
import { allOperations, tellPlan, type Plan } from "../model/plan.ts";
import { fingerprint } from "../plan/fingerprints.ts";
import type { PortsSource } from "./session-ports.ts";
import type { World } from "./world.ts";

export interface AskingFlags {
  readonly dryRun?: true;
  readonly sandbox?: true;
  readonly yes?: true;
  readonly output: string;
}

/** Whether a person is there to be asked, and the command may not go on without them. */
export function needsApproval({ dryRun, sandbox, yes, output }: AskingFlags, world: Place): boolean {
  if (dryRun || sandbox || yes || output !== "text") return false;
  return isAttended(world);
}

type Place = Pick<World, "stdin" | "stdout" | "stderr" | "environment">;

/** Whether a person is there to be asked. */
export function isAttended({ stdin, stdout, stderr, environment }: Place): boolean {
  return [stdin, stdout, stderr].every(({ isTerminal }) => isTerminal) && !isCiRun(environment);
}

export interface ApprovedRun<T> {
  readonly run: (approves: NonNullable<PortsSource["approves"]>) => Promise<T>;
  /** Shows what a run would do, and asks; `isChanged` if an earlier plan was accepted and this one differs from it. */
  readonly ask: (shown: T, isChanged: boolean) => Promise<boolean>;
}

/**
 * Runs until the plan is one that was accepted, or until there is nothing left to write. Each run plans anew, so nothing is
 * held while the person thinks. Returns null if they refuse.
 */
export async function runApproved<T>({ run, ask }: ApprovedRun<T>): Promise<T | null> {
  let accepted: string | null = null;
  for (;;) {
    let refused: string | null = null as string | null;
    const ran = await run((plan) => {
      const print = printOf(plan);
      if (print !== accepted) refused = print;
      return print === accepted;
    });
    if (refused === null) return ran;
    if (!(await ask(ran, accepted !== null))) return null;
    accepted = refused;
  }
}

/** Equal for plans that do the same; their sentences may differ. */
function printOf(plan: Plan): string {
  const operations = allOperations(tellPlan(plan));
  return fingerprint(operations.map((operation) => ({ ...operation, reason: "", error: "" })));
}
