// Runs one pass of the daemon: reads the settings again, runs the pass, logs it, and updates the figures.
import { readKept } from "../audit/kept.ts";
import { emptyMetrics } from "../audit/metrics.ts";
import type { Figures } from "./figures.ts";
import type { PassNote } from "./view.ts";
import type { DaemonPorts } from "./watch.ts";
import { nextTurn } from "../lib/next-turn.ts";
import type { TokenMemory } from "../genesys/client/token.ts";
import type { Kinds } from "../model/kind.ts";
import type { Log } from "../model/deps.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { classify, diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import { isDone, onlyEventType } from "../model/plan.ts";
import { makeResult, type Result } from "../model/result.ts";
import { runOnce } from "../app/run-once.ts";
import { describeSummary } from "../report/summary.ts";
import type { SettingsFlags, StatePaths } from "../app/pass-settings.ts";
import { refuse } from "../app/session.ts";
import { stateDirectory } from "../app/state-directory.ts";
import type { World } from "../app/world.ts";
import type { FolderKeeping, GitPlace } from "../git/git-source.ts";

/** A bare repository, because only committed files are read. */
const gitDirectory = `${stateDirectory}/git`;

interface DaemonPassParts {
  readonly world: World;
  readonly log: Log;
  readonly figures: Figures;
  readonly paths: StatePaths;
}

export function makeDaemonPass(
  flags: SettingsFlags & { readonly git?: GitPlace },
  { world, log, figures, paths }: DaemonPassParts,
): Pick<DaemonPorts, "runPass" | "onPass"> {
  const { git } = flags;
  const tokenMemory: TokenMemory = { known: null };
  const keeping: FolderKeeping = {
    memory: { rebuiltMs: null, damage: null },
    onRebuild: (damage) => {
      log("warn", `${gitDirectory} is damaged, so it is emptied and fetched anew: ${damage}`);
    },
  };
  let warned: ReadonlySet<string> = new Set();
  let hasFailed = false;
  return {
    runPass: async ({ stopped, onProgress }) => {
      const progress = { show: onProgress, clear: () => undefined };
      try {
        // `explain`: the dashboard shows each endpoint's share.
        const revision = git ? await world.fetchRevision(git, gitDirectory, keeping) : null;
        const { result } = await runOnce(
          { ...flags, explain: true },
          {
            ...{ task: "watch", flags, world, interrupted: stopped, log, progress, tokenMemory },
            onRequest: figures.addRequest,
            ...(revision ? { revision } : {}),
          },
        );
        return result;
      } catch (error) {
        // An error ends the pass, but not the daemon.
        const problem = error instanceof ReconcileError ? diagnosticOf(error) : describeOther(error);
        return makeResult(refuse([problem], { flags, world }).facts, null);
      }
    },
    onPass: async (result, note) => {
      warned = logDiagnostics(log, result, warned);
      await logPass(log, { result, note, hasFailed, kinds: world.kinds });
      hasFailed = !note.ok;
      const { kept } = await readKept(world.files, paths.kept);
      figures.addPass(result, note, kept?.metrics ?? emptyMetrics);
    },
  };
}

/** Describes an error of the disk, or a bug. */
function describeOther(error: unknown): Diagnostic {
  const { code, hint } = classify(error);
  return { severity: "error", code, message: errorText(error), hint, ...nowhere };
}

/** So many lines are logged before the daemon answers probes again. */
const linesAtOnce = 100;

async function logPass(
  log: Log,
  {
    result,
    note,
    hasFailed,
    kinds,
  }: {
    readonly result: Result;
    readonly note: PassNote;
    /** True if the pass before failed; then a success is logged, so that the log shows the end of the failure. */
    readonly hasFailed: boolean;
    readonly kinds: Kinds;
  },
): Promise<void> {
  const { runId, operations, drift } = result;
  for (const [index, { group, endpoint, patch }] of drift.entries()) {
    if (index % linesAtOnce === linesAtOnce - 1) await nextTurn();
    const changed = [...new Set(patch.map(({ path }) => path.split("/")[1] ?? ""))].join(", ");
    log("warn", `drift: someone else changed ${changed}`, {
      runId,
      group,
      endpoint: shownEndpoint(endpoint),
    });
  }
  for (const [index, operation] of operations.entries()) {
    if (index % linesAtOnce === linesAtOnce - 1) await nextTurn();
    const { action, group, endpoint, status, reason, error } = operation;
    const level = status === "failed" || status === "unknown" ? "error" : "info";
    const eventType = onlyEventType(operation, kinds);
    const fields = {
      ...{ runId, group, endpoint: shownEndpoint(endpoint), status },
      ...(eventType === null ? {} : { eventType }),
    };
    log(level, `${action}: ${reason}`, error === null ? fields : { ...fields, error });
  }
  const isQuiet = operations.length === 0 && drift.length === 0 && !hasFailed;
  const { triggers, durationMs } = note;
  const fields = { runId, triggers: triggers.join(","), durationMs };
  if (note.ok) log(isQuiet ? "debug" : "info", describeSummary(result), fields);
  else {
    const done = operations.some(isDone) ? describeSummary(result) : "nothing was changed";
    log("error", `the pass failed; ${done}`, fields);
  }
}

/** Skips a warning that the pass before logged in the same words. Returns the warnings of this pass. */
function logDiagnostics(
  log: Log,
  { runId, diagnostics }: Result,
  warned: ReadonlySet<string>,
): ReadonlySet<string> {
  const warnings = new Set<string>();
  for (const { severity, message, file, line } of diagnostics) {
    const fields = { runId, ...(file === null ? {} : { at: `${file}:${line ?? 1}` }) };
    const words = `${fields.at ?? ""} ${message}`;
    if (severity === "error") log("error", message, fields);
    else if (!warned.has(words)) log("warn", message, fields);
    if (severity === "warning") warnings.add(words);
  }
  return warnings;
}
