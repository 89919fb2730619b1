// What must hold of the records and of the end of a story.
import { verifyTrail } from "../../../src/audit/verify.ts";
import { isDone } from "../../../src/model/plan.ts";
import type { ReportedResult } from "../../../src/model/result.ts";
import { makeMemoryFiles, type MemoryFiles } from "../../support/memory-files.ts";
import type { Group } from "../scenario.ts";
import type { Ledger } from "./ledger.ts";
import type { Place } from "./place.ts";
import { isOutcome, wantedBy, type Town } from "./town.ts";

export interface Ended {
  /** The process. */
  readonly name: string;
  readonly status: number;
  readonly out: string;
}

/** A result names a success only of what its own process has sent. */
export function judgePass({ name, status, out }: Ended, town: Town): void {
  const result = parse(out);
  if (!result) {
    town.violate("endsProperly", `${name}, status ${status}: ${out.slice(0, 200)}`);
    return;
  }
  const bug = result.diagnostics.find(({ code }) => /^(internal|usage)\//.test(code));
  if (bug) town.violate("endsProperly", `${name}: ${bug.code}: ${bug.message}`);
  if (status !== (result.ok ? 0 : 1)) town.violate("endsProperly", `${name}: status ${status}`);
  for (const { status: became, webhookId, action } of result.operations.filter(isDone)) {
    const own = town.writes.filter(({ by, doneAtMs }) => by === name && doneAtMs !== null);
    if (webhookId !== null && !own.some(({ id }) => id === webhookId))
      town.violate("ownClaims", `${name} shows that it ${became} a ${action} of ${webhookId}`);
  }
}

export interface Judged {
  readonly town: Town;
  readonly ledger: Ledger;
  readonly place: Pick<Place, "store">;
  readonly machines: readonly { readonly name: string; readonly files: MemoryFiles }[];
  /** The groups of the commit that was applied last. */
  readonly wanted: readonly Group[];
}

export async function judge(judged: Judged): Promise<void> {
  const { town, ledger, machines, wanted, place } = judged;
  await verify("the store", ledger.entries.map(({ line }) => `${line}\n`).join(""), town);
  for (const { name, files } of place.store === "files" ? [] : machines) {
    const copy = files
      .paths()
      .find((path) => path.startsWith("/.reconcile/state/") && path.endsWith(".log"));
    if (copy !== undefined) await verify(`the copy of machine ${name}`, files.text(copy), town);
  }
  judgeClaims(judged);
  judgeOutcomes(judged);
  const delivered = town.delivered();
  for (const one of wantedBy(wanted)) if (!delivered.has(one)) town.violate("converges", `missing: ${one}`);
  for (const one of town.duplicates()) town.violate("converges", `twice: ${one}`);
}

async function verify(what: string, trail: string, { violate }: Town): Promise<void> {
  const { ok, firstBroken } = await verifyTrail(makeMemoryFiles({ trail }), "trail");
  if (!ok) violate("chainWhole", `${what}, line ${firstBroken?.line ?? 0}: ${firstBroken?.reason ?? ""}`);
}

function judgeClaims({ town, ledger }: Judged): void {
  const { writes, violate } = town;
  for (const { record, by } of ledger.entries) {
    if (!isOutcome(record)) continue;
    const its = writes.filter(({ intent }) => intent?.seq === record.intent);
    const done = its.filter(({ doneAtMs }) => doneAtMs !== null);
    const about = `record ${record.seq} of ${by}, ${record.event}, of intent ${String(record.intent)}`;
    if (record.success === true && done.length === 0) violate("ownClaims", `${about}: nothing took effect`);
    // What a store could not take of one pass, the next one of the same machine records.
    if (record.event === "change.applied" && its.some((write) => machineOf(write.by) !== machineOf(by)))
      violate("ownClaims", `${about}: ${String(its[0]?.by)} sent it`);
    // Of several steps, some may have been taken.
    const isOneStep = its.every(({ kind }) => kind.mostSteps.create === 1);
    if (record.success === false && isOneStep && done.length > 0)
      violate("ownClaims", `${about}: it took effect, and the record denies it`);
  }
}

function machineOf(process: string): string {
  return process.split(".")[0] ?? "";
}

function judgeOutcomes({ town, ledger }: Judged): void {
  for (const { record, by } of ledger.entries) {
    if (record.event !== "change.intended") continue;
    const outcomes = ledger.entries.filter(
      (one) => isOutcome(one.record) && one.record.intent === record.seq,
    );
    const final = outcomes.filter((one) => one.record.success !== null);
    if (outcomes.length === 0) town.violate("oneOutcome", `intent ${record.seq} of ${by} has none`);
    if (final.length > 1) town.violate("oneOutcome", `intent ${record.seq} of ${by} has ${final.length}`);
  }
}

function parse(out: string): ReportedResult | null {
  try {
    return JSON.parse(out) as ReportedResult;
  } catch {
    return null;
  }
}
