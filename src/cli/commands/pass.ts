// `reconcile sync` and `reconcile plan`: runs one pass, reports its result, and tells whether `--out` saved its plan.
import type { PortsSource } from "../../app/session-ports.ts";
import type { TokenMemory } from "../../genesys/client/token.ts";
import type { Result } from "../../model/result.ts";
import { reportApproved } from "../ask-first.ts";
import { notifyOfRun, scopeOfPass } from "../../app/notifying.ts";
import { makeProgress } from "../../app/progress.ts";
import { runOnce, type OnePass } from "../../app/run-once.ts";
import type { PassFlags } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import { plain } from "../../lib/plain.ts";
import { reportRun } from "../../report/report.ts";

/** Returns the exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const tokenMemory: TokenMemory = { known: null };
  const source = { task: "sync", flags, world, progress: makeProgress(world, flags.progress), tokenMemory };
  const { out: path } = flags;
  if (path === undefined) {
    const run = async (approves?: PortsSource["approves"]): Promise<Result> => {
      const { result, notifying } = await runOnce(flags, approves ? { ...source, approves } : source);
      return notifyOfRun(result, notifying, { scope: scopeOfPass("sync", flags), world });
    };
    return reportApproved(run, flags, world);
  }
  const { result, saved } = await runOnce(flags, source);
  const planFile = saved === "yes" ? path : undefined;
  const status = await reportRun(result, { ...flags, planFile }, world);
  world.stderr.write(`${plain(describeSaved(saved, path, flags))}\n`);
  return status;
}

/** One line that tells whether the plan was saved. */
function describeSaved(saved: OnePass["saved"], path: string, flags: PassFlags): string {
  if (saved === "noPlan") return `No plan was saved to ${path}: this pass made none`;
  if (saved === "failed") return `No plan was saved to ${path}`;
  const words = [
    ...["reconcile apply", path],
    ...(flags.config === undefined ? [] : ["--config", flags.config]),
    ...(flags.manifests === undefined ? [] : ["--manifests", flags.manifests]),
    ...(flags.sandbox ? ["--sandbox"] : []),
  ];
  return `Saved to ${path}: \`${words.join(" ")}\` applies exactly this plan, once`;
}
