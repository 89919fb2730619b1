// Shows the result of `reconcile import`, as text or as JSON.
import pc from "picocolors";
import { count } from "../lib/count.ts";
import type { Import, ImportedManifest } from "../import/imported.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { summarise, type CommandResult } from "../model/result.ts";
import { nounOf } from "../model/kind.ts";
import type { LiveResource } from "../model/resource.ts";
import { annotate } from "./annotate.ts";
import { showDiagnostics } from "./diagnostics.ts";
import { plain, plainJson, plainLines } from "../lib/plain.ts";
import { describeSummary, describeTarget } from "./summary.ts";
import type { ReportPorts } from "./ports.ts";

export interface DoneImport {
  readonly made: Import;
  /** The files that are on disk now. */
  readonly written: ReadonlySet<string>;
}

interface ImportReport {
  /** Null when an error ended the import. */
  readonly done: DoneImport | null;
  readonly flags: {
    readonly output: "text" | "json";
    readonly dryRun?: true;
    readonly update?: true;
    readonly sandbox?: true;
    readonly manifests?: string;
    readonly config?: string;
  };
}

type Paint = ReturnType<typeof pc.createColors>;

/** Returns the exit status: 1 after an error, or when no manifest can express a group; otherwise 0. */
export async function reportImport(
  result: CommandResult,
  report: ImportReport,
  ports: ReportPorts,
): Promise<number> {
  const { done, flags } = report;
  if (flags.output === "json") ports.stdout.write(showJson(result, report));
  else {
    const stream = done ? ports.stdout : ports.stderr;
    const paint = pc.createColors(stream.colours);
    const body = done ? showBody(result, { ...report, done }, paint) : "";
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream);
    stream.write(`${body}${diagnostics}${done ? showEnd({ ...report, done }) : ""}`);
  }
  await annotate(result.diagnostics, ports);
  return result.ok ? 0 : 1;
}

type DoneImportReport = ImportReport & { readonly done: DoneImport };

function showBody(result: CommandResult, { done, flags }: DoneImportReport, paint: Paint): string {
  const { made, written } = done;
  const target = describeTarget(result);
  const manifests = made.manifests.map((manifest) => {
    const isWritten = written.has(manifest.file);
    const what = manifest.change === "unchanged" ? "unchanged" : verb(manifest, { isWritten, flags });
    const heading = `${paint.green(what)}  ${paint.bold(plain(manifest.file))}  ${plain(describe(manifest))}\n`;
    const text =
      flags.dryRun && manifest.change !== "unchanged" ? made.files.get(manifest.file) : undefined;
    return `${heading}${showNotes(manifest.notes, paint)}${text === undefined ? "" : showFile(text, paint)}`;
  });
  const refused = made.refused.map(
    ({ group, webhooks, reasons }) =>
      `${paint.yellow("not written")}  group ${paint.bold(plain(group))}: ${countOf(webhooks)}\n` +
      showNotes(reasons, paint) +
      webhooks.map((webhook) => `    ${plain(showWebhook(webhook))}\n`).join(""),
  );
  return [
    target === null ? "" : `${paint.dim(target)}\n`,
    ...(manifests.length > 0 ? [`\n${manifests.join("")}`] : []),
    ...(refused.length > 0 ? [`\n${refused.join("")}`] : []),
    showLeftAlone(made, paint),
    "\n",
  ].join("");
}

function verb(
  { change }: ImportedManifest,
  { isWritten, flags }: { readonly isWritten: boolean; readonly flags: ImportReport["flags"] },
): string {
  if (flags.dryRun) return change === "new" ? "would write" : "would update";
  if (!isWritten) return "not written";
  return change === "new" ? "written" : "updated";
}

function describe({ group, webhooks, eventTypes, endpoints }: ImportedManifest): string {
  const spread = `${count(eventTypes, "event type")} at ${count(endpoints, "endpoint")}`;
  return `group ${group}: ${countOf(webhooks)}, ${spread}`;
}

function countOf(live: readonly LiveResource[]): string {
  return count(live.length, nounOf(live.map(({ kind }) => kind)));
}

function showNotes(notes: readonly string[], paint: Paint): string {
  return notes.map((note) => `  ${paint.yellow("!")} ${plain(note)}\n`).join("");
}

/** Hides query strings, as all text output does: they may hold secrets. */
function showFile(text: string, paint: Paint): string {
  const lines = plainLines(text)
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line.replace(/[^\s"']+/g, hideQuery)}`);
  return `${paint.dim(lines.join("\n"))}\n`;
}

function hideQuery(word: string): string {
  const startsAt = word.search(/https:\/\//i);
  const queryAt = startsAt < 0 ? -1 : word.indexOf("?", startsAt);
  return queryAt < 0 || queryAt === word.length - 1 ? word : `${word.slice(0, queryAt)}?…`;
}

function showWebhook({ id, name, endpoint }: LiveResource): string {
  return `"${name}" (id ${id}) ${shownEndpoint(endpoint)}`;
}

function showLeftAlone({ leftAlone, noun }: Import, paint: Paint): string {
  if (leftAlone.length === 0) return "";
  const lines = leftAlone.map(
    ({ webhook, reason }) => `  ${paint.dim("?")} ${plain(`${showWebhook(webhook)}: ${reason}`)}\n`,
  );
  return `\n${count(leftAlone.length, noun)} left alone\n${lines.join("")}`;
}

/** Shows what was written, and what a plan will show next. */
function showEnd(report: DoneImportReport): string {
  const { flags, done } = report;
  const { made, written } = done;
  const files = made.files.size;
  const summary = showCounts(report);
  const isComplete = flags.dryRun ? files > 0 : made.manifests.length > 0 && written.size === files;
  if (!isComplete) return `${summary}\n`;
  const command = [
    "reconcile plan --adopt",
    ...(flags.sandbox ? ["--sandbox"] : []),
    ...(flags.manifests === undefined ? [] : [`--manifests ${plain(flags.manifests)}`]),
    ...(flags.config === undefined ? [] : [`--config ${plain(flags.config)}`]),
  ].join(" ");
  const toCommit = files > 0 ? "Review and commit the files. Then " : "";
  const next = flags.dryRun ? "With these files " : toCommit;
  const plan = describeSummary({ dryRun: true, summary: summarise(made.plan) });
  return `${summary}\n\n${next}\`${command}\` shows for these groups:\n  ${plan}\n`;
}

function showCounts({ done: { made, written }, flags }: DoneImportReport): string {
  const toWrite = [...made.files.keys()];
  const missing = flags.dryRun ? [] : toWrite.filter((file) => !written.has(file));
  const declared = made.manifests.filter(({ file }) => !missing.includes(file));
  const webhooks = declared.reduce((sum, manifest) => sum + manifest.webhooks.length, 0);
  const files = count(toWrite.length - missing.length, "manifest file");
  const covered = `${count(made.covered, made.noun)} already in manifests`;
  const notWritten = missing.length > 0 ? `, ${missing.length} not written` : "";
  return [
    toWrite.length === 0
      ? "nothing to write"
      : `${files} ${flags.dryRun ? "to write" : "written"}${notWritten}`,
    ...(webhooks > 0 ? [`${count(webhooks, made.noun)} in ${count(declared.length, "group")}`] : []),
    ...(made.refused.length > 0 ? [`${count(made.refused.length, "group")} not written`] : []),
    ...(made.leftAlone.length > 0 ? [`${count(made.leftAlone.length, made.noun)} left alone`] : []),
    ...(made.covered > 0 ? [`${covered} (--update brings these up to date with what is live)`] : []),
  ].join("; ");
}

/** Ends with a line break. */
function showJson(result: CommandResult, { done }: ImportReport): string {
  const { made, written } = done ?? {};
  const json = JSON.stringify(
    {
      formatVersion: result.formatVersion,
      dryRun: result.dryRun,
      ok: result.ok,
      runId: result.runId,
      environment: result.environment,
      owner: result.owner,
      manifests: (made?.manifests ?? []).map(({ webhooks, ...manifest }) => ({
        ...manifest,
        written: written?.has(manifest.file) ?? false,
        webhookIds: webhooks.map(({ id }) => id),
        text: made?.files.get(manifest.file) ?? null,
      })),
      refused: (made?.refused ?? []).map(({ webhooks, ...rest }) => ({
        ...rest,
        webhookIds: webhooks.map(({ id }) => id),
      })),
      leftAlone: (made?.leftAlone ?? []).map(({ webhook: { id, name, endpoint }, reason }) => ({
        webhookId: id,
        name,
        endpoint,
        reason,
      })),
      covered: made?.covered ?? 0,
      planWithAdopt: summarise(made?.plan ?? null),
      traffic: result.traffic,
      diagnostics: result.diagnostics,
    },
    null,
    2,
  );
  return `${plainJson(json)}\n`;
}
