// `reconcile audit claim`: says on record that records of older versions, which name no organisation, are the present one's.
import { needsApproval } from "../../app/approval.ts";
import { claim, type ClaimEnding, type Claimed } from "../../app/claim.ts";
import { readSettings } from "../../app/pass-settings.ts";
import { recordOptions } from "../../app/run-options.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import type { World } from "../../app/world.ts";
import type { TokenMemory } from "../../genesys/client/token.ts";
import { count } from "../../lib/count.ts";
import { plain } from "../../lib/plain.ts";
import { hasErrors } from "../../model/diagnostic.ts";
import { sayOrganization } from "../../model/organization.ts";
import { showDiagnostics } from "../../report/diagnostics.ts";
import { askYes } from "../ask-first.ts";

export interface ClaimFlags {
  readonly config?: string;
  readonly owner?: string;
  /** An organisation's id. */
  readonly organization?: string;
  readonly sandbox?: true;
  readonly dryRun?: true;
  /** Do not ask. */
  readonly yes?: true;
}

/** Returns the exit status. */
export async function runAuditClaim(flags: ClaimFlags, world: World): Promise<number> {
  const tokenMemory: TokenMemory = { known: null };
  const run = async (approves: (claimed: Claimed) => boolean): Promise<ClaimEnding | null> => {
    const settings = await readSettings(flags, world);
    const sessionFlags = { ...flags, deadline: 60 };
    const source = { task: "audit claim", flags: sessionFlags, world, tokenMemory };
    const { facts, ending } = await runSession(
      settings,
      { ...source, progress: makeProgress(world, false) },
      (ports, here) => {
        const options = recordOptions(here.settings, { concurrency: 1 }, here.environment);
        return claim({ ...options, dryRun: flags.dryRun === true, approves }, ports);
      },
    );
    world.stderr.write(await showDiagnostics(facts.diagnostics, world.files, world.stderr));
    return hasErrors(facts.diagnostics) ? null : ending;
  };
  const isAsking = needsApproval({ ...flags, output: "text" }, world);
  const shown = await run(() => !isAsking);
  if (!shown) return 1;
  if (shown.hasWritten || flags.dryRun || shown.claimed.records === 0) {
    world.stdout.write(`${plain(sayClaimed(shown))}\n`);
    return 0;
  }
  const records = sayRecords(shown.claimed);
  if (!(await askYes(`Claim ${records} for ${sayOrganization(shown.claimed.organization)}?`, world))) {
    world.stderr.write("Nothing was written.\n");
    return 1;
  }
  const done = await run((claimed) => sayRecords(claimed) === records);
  if (!done) return 1;
  if (!done.hasWritten) world.stderr.write("The trail has changed meanwhile. Nothing was written.\n");
  else world.stdout.write(`${plain(sayClaimed(done))}\n`);
  return done.hasWritten ? 0 : 1;
}

function sayRecords({ records, runs, resources }: Claimed): string {
  return `${count(records, "record")} of ${count(runs, "run")} about ${count(resources, "resource")}`;
}

function sayClaimed({ claimed, hasWritten }: ClaimEnding): string {
  const whose = sayOrganization(claimed.organization);
  if (claimed.records === 0) return `Nothing to claim for ${whose}: no record lacks its organisation.`;
  return `${hasWritten ? "Claimed" : "Would claim"} for ${whose}: ${sayRecords(claimed)}.`;
}
