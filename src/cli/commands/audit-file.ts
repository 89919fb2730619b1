// Finds the trail that an audit command reads, and compares it with the head that this machine keeps.
import { checkTrail, type TrailPlace } from "../../audit/check-trail.ts";
import { describeFault } from "../../audit/describe-fault.ts";
import type { Head } from "../../audit/record.ts";
import type { Files } from "../../lib/files.ts";
import type { Loaded } from "../../model/diagnostic.ts";
import { ReconcileError } from "../../model/errors.ts";
import { openState, type StateFlags } from "../../app/open-state.ts";
import { stateFiles } from "../../app/pass-settings.ts";
import type { StatePaths } from "../../state/state.ts";
import { sandboxTrail } from "../../state/files/state-directory.ts";
import type { World } from "../../app/world.ts";

export interface TrailFlags extends StateFlags {
  readonly file?: string;
  readonly config?: string;
  readonly json?: true;
}

export interface AuditedTrail {
  readonly path: string;
  /** The source of the path: `--file`, `--sandbox`, the config, or a shared store of which it is a copy. */
  readonly from: "file" | "sandbox" | "config" | "store";
  /** What this machine keeps of the trail; absent for a trail that `--file` names. */
  readonly paths?: StatePaths;
}

/**
 * Reads the config only when no flag names the trail. Of a shared store it reads what is new, or with `anew` the whole trail.
 * Throws ReconcileError `state/…`.
 */
export async function findTrail(
  flags: TrailFlags,
  world: World,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<Loaded<AuditedTrail>> {
  if (flags.file !== undefined) return loaded({ path: flags.file, from: "file" });
  if (flags.sandbox)
    return loaded({ path: sandboxTrail, from: "sandbox", paths: stateFiles(sandboxTrail, "sandbox-") });
  const { readConfig } = await import("../../manifest/read.ts");
  const required = flags.config !== undefined;
  const config = await readConfig(flags.config ?? "reconcile.yaml", world.files, { required });
  if (!config.ok) return config;
  const { findMovedPaths } = await import("../../app/moved-paths.ts");
  const moved = await findMovedPaths(config.value, ["audit"], world.files);
  if (moved.length > 0) return { ok: false, diagnostics: moved };
  const { state, shared, close } = await openState(config.value, flags, world);
  try {
    if (shared) await (anew ? state.readAnew() : state.look());
    const path = shared ? state.paths.trail : config.value.audit.file;
    return loaded({ path, from: shared ? "store" : "config", paths: state.paths });
  } finally {
    await close();
  }
}

function loaded(value: AuditedTrail): Loaded<AuditedTrail> {
  return { ok: true, value, diagnostics: [] };
}

/** Names the file, or the store that it is a copy of. */
export function nameOf({ path, paths }: AuditedTrail): string {
  return paths?.copyOf ?? path;
}

/** Completes "there is no audit trail". */
export function nameMissing(trail: AuditedTrail): string {
  return trail.from === "store" ? `in ${nameOf(trail)}` : `at ${trail.path}`;
}

/** Explains why the trail may not exist. */
export function explainMissing({ from }: AuditedTrail): string {
  if (from === "file") return "check the path that you gave with --file";
  if (from === "store") return "no pass has written to this store yet (plan and validate write no records)";
  const whose = from === "sandbox" ? "no pass with --sandbox" : "no pass";
  const other = from === "sandbox" ? "" : "; --sandbox reads the sandbox's trail, --file reads another one";
  return `${whose} has changed anything from this folder yet (plan and validate write no records)${other}`;
}

/** Throws ReconcileError `audit/gone` if this machine has seen records there, else `audit/missing`. */
export async function refuseMissing(trail: AuditedTrail, files: Files): Promise<never> {
  const { fault } = await compareWithKeptHead(trail, files);
  if (fault) throw fault;
  throw new ReconcileError("audit/missing", `there is no audit trail ${nameMissing(trail)}`, {
    hint: explainMissing(trail),
  });
}

export interface KeptComparison {
  /** The head that this machine saw last; null if it kept none. */
  readonly lastSeen: Head | null;
  /** `audit/gone`, `audit/cut` or `audit/replaced`; null if the trail holds that head, or has a broken line. */
  readonly fault: ReconcileError | null;
}

/** Throws ReconcileError `state/unreadable`, `audit/unreadable`. */
export async function compareWithKeptHead(
  trail: AuditedTrail,
  files: Files,
  keys: Partial<Pick<TrailPlace, "key" | "formerKeys" | "names">> = {},
): Promise<KeptComparison> {
  const { paths } = trail;
  if (!paths) return { lastSeen: null, fault: null };
  const place = { key: undefined, ...keys, path: paths.trail, copyOf: paths.copyOf, headPath: paths.head };
  const check = await checkTrail(files, place);
  const { fault, lastSeen } = check;
  if (fault === null || "line" in fault) return { lastSeen, fault: null };
  const wish = { ...place, environment: trail.from === "sandbox" ? "sandbox" : "", dryRun: false };
  return { lastSeen, fault: await describeFault(fault, check, { wish, files }) };
}

/** The error of a trail that exists and has no record. */
export function emptyTrail(path: string): ReconcileError {
  return new ReconcileError("audit/empty", `there is no record in ${path}, so it has no head`, {
    hint: "if this trail had records, restore it from a copy; otherwise the next run writes the first ones",
  });
}
