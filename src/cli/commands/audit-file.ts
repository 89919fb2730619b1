// Which trail an audit command is about.
import type { Loaded } from "../../model/diagnostic.ts";
import { ReconcileError } from "../../model/errors.ts";
import { sandboxTrail } from "../../app/state-directory.ts";
import type { World } from "../../app/world.ts";

export interface TrailFlags {
  readonly file?: string;
  readonly config?: string;
  readonly sandbox?: true;
  readonly json?: true;
}

export interface TrailName {
  readonly path: string;
  /** How it came to be this one. */
  readonly from: "file" | "sandbox" | "config";
}

/** The config is read only where it decides. */
export async function findTrail(flags: TrailFlags, world: World): Promise<Loaded<TrailName>> {
  if (flags.file !== undefined) return name({ path: flags.file, from: "file" });
  if (flags.sandbox) return name({ path: sandboxTrail, from: "sandbox" });
  const { readConfig } = await import("../../manifest/read.ts");
  const required = flags.config !== undefined;
  const config = await readConfig(flags.config ?? "reconcile.yaml", world.files, { required });
  return config.ok ? name({ path: config.value.audit.file, from: "config" }) : config;
}

function name(value: TrailName): Loaded<TrailName> {
  return { ok: true, value, diagnostics: [] };
}

/** Why there may be none, in words. */
export function describeMissing({ from }: TrailName): string {
  if (from === "file") return "check the path that --file gives";
  const whose = from === "sandbox" ? "no pass with --sandbox" : "no pass";
  const other = from === "sandbox" ? "" : "; --sandbox reads the sandbox's, --file another one";
  return `${whose} has changed anything from here yet (plan and validate leave no record)${other}`;
}

/** Throws ReconcileError `audit/missing`. */
export function refuseMissing(trail: TrailName): never {
  throw new ReconcileError("audit/missing", `there is no audit trail at ${trail.path}`, {
    hint: describeMissing(trail),
  });
}
