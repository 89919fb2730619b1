// `reconcile state move`: moves the trail to another store.
import { needsApproval } from "../../app/approval.ts";
import { readAuditKeys } from "../../app/audit-keys.ts";
import { readEnvironment } from "../../app/environment.ts";
import { describeRun } from "../../app/describe-run.ts";
import type { MadeArchive } from "../../app/move-archive.ts";
import { moveState, type Moved } from "../../app/move-state.ts";
import { makeProgress } from "../../app/progress.ts";
import { openMove, type OpenMove } from "../../app/open-move.ts";
import type { StateFlags } from "../../app/open-state.ts";
import { requireConfig } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import { count } from "../../lib/count.ts";
import { plain } from "../../lib/plain.ts";
import { showDiagnostics } from "../../report/diagnostics.ts";
import type { StoreKind } from "../../state/state.ts";
import { askYes } from "../ask-first.ts";

export interface MoveFlags extends Omit<StateFlags, "sandbox"> {
  readonly to: StoreKind;
  readonly config?: string;
  /** Do not ask. */
  readonly yes?: true;
}

/** Returns the exit status. Throws ReconcileError as `moveState` does. */
export async function runStateMove(flags: MoveFlags, world: World): Promise<number> {
  const { files, stderr, stdout, interrupted } = world;
  const config = await requireConfig(flags, files);
  const opened = await openMove(flags.to, { config, flags, world });
  try {
    const { source, target, key } = opened;
    const question = `Move the trail of ${key.owner} from ${source.name} to ${target.name}?`;
    const asks = needsApproval({ ...(flags.yes && { yes: true }), output: "text" }, world);
    if (asks && !(await askYes(question, world))) {
      stderr.write("Nothing was moved.\n");
      return 1;
    }
    const { variables } = await readEnvironment(world.environment, files);
    const onWait = (words: string): void => {
      stderr.write(`${plain(words)}\n`);
    };
    const here = await world.provenance(config.manifests);
    const { actor, provenance } = describeRun(here, { host: world.processes.host }, config.audit.actors);
    const progress = makeProgress(world, true);
    const moved = await moveState({
      onProgress: (done, total) => {
        progress.show("records", done, total);
      },
      ...{ source, target, key, files, wish: { interrupted, onWait } },
      ...{ clock: world.clock, withPlace: opened.withPlace },
      run: { runId: world.random.id(), actor, ...(provenance ? { provenance } : {}) },
      keys: await readAuditKeys(variables, files),
      onCopied: opened.carryOrganization,
    }).finally(() => {
      progress.clear();
    });
    stderr.write(await showDiagnostics(moved.diagnostics, files, stderr));
    stdout.write(describeMove(moved, opened, { to: flags.to, file: config.file }));
    return 0;
  } finally {
    await opened.close();
  }
}

function describeMove(
  { head, present, archive }: Moved,
  { source, target }: OpenMove,
  { to, file }: { readonly to: StoreKind; readonly file: string },
): string {
  const copied = head.seq - present;
  const before = present === 0 ? "" : `, ${count(present, "record")} stood there before`;
  const what = archive ? "the archive holds the same trail" : "the trail is the same";
  return [
    `${plain(target.name)}: ${count(copied, "record")} written${before}; ${what}, byte for byte`,
    `head: ${head.seq} ${head.hash}`,
    ...(archive ? describeArchive(archive) : []),
    `${plain(source.name)}: marked as moved, so that no pass goes on there`,
    "",
    archive
      ? `Now write into ${plain(file)}, and into the config of each of the others:`
      : `Now write into ${plain(file)}:`,
    "state:",
    `  store: ${to}`,
    "",
  ].join("\n");
}

function describeArchive({ key, chains }: MadeArchive): readonly string[] {
  return [
    "",
    "The archive mixes the records of several, each of which has a trail of its own now that begins with that head:",
    ...chains.map((chain) => `  ${plain(chain.owner)} in organisation ${plain(chain.key.organization)}`),
    "Nothing is appended to the archive. Read it with:",
    `  reconcile audit log --owner ${key.owner} --organization ${key.organization}`,
    "",
  ];
}
