// Runs one pass of the daemon: reads the settings again, runs the pass, logs it, and updates the figures.
import { readHead } from "../audit/head.ts";
import { readKept } from "../audit/kept.ts";
import { emptyMetrics } from "../audit/metrics.ts";
import type { Figures } from "./figures.ts";
import { makePassLog } from "./pass-log.ts";
import type { DaemonPorts, PassCall } from "./watch.ts";
import type { TokenMemory } from "../genesys/client/token.ts";
import type { WriteMemory } from "../genesys/write-memory.ts";
import type { Kind } from "../model/kind.ts";
import type { Log } from "../model/deps.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { classify, diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import { makeResult } from "../model/result.ts";
import { notifyOfRun, scopeOfPass, type Notifying } from "../app/notifying.ts";
import { runOnce, type OnePass } from "../app/run-once.ts";
import type { SettingsFlags } from "../app/pass-settings.ts";
import type { StatePaths } from "../state/state.ts";
import { refuse } from "../app/session.ts";
import type { OrganizationAnswers } from "../app/organization-memory.ts";
import type { PassMemory } from "../app/pass.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { World } from "../app/world.ts";
import type { FolderKeeping, GitPlace } from "../git/git-source.ts";

/** A bare repository, because only committed files are read. */
const gitDirectory = `${stateDirectory}/git`;

interface DaemonPassParts {
  readonly world: World;
  readonly log: Log;
  readonly figures: Figures;
  /** The files of the state; null while it is not known where they are. */
  readonly findPaths: () => Promise<StatePaths | null>;
}

export function makeDaemonPass(
  flags: SettingsFlags & { readonly git?: GitPlace },
  { world, log, figures, findPaths }: DaemonPassParts,
): Pick<DaemonPorts, "runPass" | "onPass" | "readHead"> {
  const { git } = flags;
  const tokenMemory: TokenMemory = { known: null };
  const writeMemories = new Map<Kind, WriteMemory>();
  const organizationAnswers: OrganizationAnswers = new Map();
  const keeping: FolderKeeping = {
    memory: { rebuiltMs: null, damage: null },
    onRebuild: (damage) => {
      log("warn", `${gitDirectory} is damaged, so it is emptied and fetched anew: ${damage}`);
    },
  };
  const memory: PassMemory = {
    ...{ recordedFaults: { last: undefined }, lastValid: null },
    ...{ last: null, lastHistory: null, lastPlan: null },
  };
  const logPass = makePassLog(log, world.kinds);
  /** As the last config that could be read asks for it. */
  let notifying: Notifying | null = null;
  const runNow = async ({ reasons, stopped, onProgress }: PassCall): Promise<Omit<OnePass, "saved">> => {
    const progress = { show: onProgress, clear: () => undefined };
    try {
      // `explain`: the dashboard shows each endpoint's share.
      const revision = git ? await world.fetchRevision(git, gitDirectory, keeping) : null;
      return await runOnce(
        { ...flags, explain: true },
        {
          ...{ task: "watch", flags, world, interrupted: stopped, log, progress },
          ...{ tokenMemory, writeMemories, organizationAnswers, memory, wokenBy: reasons },
          onRequest: figures.addRequest,
          ...(revision ? { revision } : {}),
        },
      );
    } catch (error) {
      // An error ends the pass, but not the daemon.
      const problem = error instanceof ReconcileError ? diagnosticOf(error) : describeOther(error);
      return { result: makeResult(refuse([problem], { flags, world }).facts, null), notifying: null };
    }
  };
  return {
    runPass: async (call) => {
      const ran = await runNow(call);
      notifying = ran.notifying ?? notifying;
      const { clock, random, files, processes, openSend } = world;
      const here = { clock, random, files, processes, openSend, interrupted: call.stopped };
      return notifyOfRun(ran.result, notifying, { scope: scopeOfPass("watch", flags), world: here });
    },
    // The pass itself has told what keeps the trail from being read.
    readHead: async () => {
      const paths = await findPaths();
      return paths && readHead(world.files, paths.trail).catch(() => null);
    },
    onPass: async (result, note, conditions) => {
      await logPass({ result, note, conditions });
      const paths = await findPaths();
      const { kept } = paths ? await readKept(world.files, paths.kept) : noneKept;
      figures.addPass(result, note, kept?.metrics ?? emptyMetrics);
    },
  };
}

const noneKept = { kept: null } as const;

/** Describes an error of the disk, or a bug. */
function describeOther(error: unknown): Diagnostic {
  const { code, hint } = classify(error);
  return { severity: "error", code, message: errorText(error), hint, ...nowhere };
}
