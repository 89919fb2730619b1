// Reads and writes saved plans: only the user may read the file, and its content is checked like any input.
import type { Files } from "../lib/files.ts";
import { ReconcileError, refusalReason, systemErrorCode } from "../model/errors.ts";
import { allOperations } from "../model/plan.ts";
import type { SavedPlan } from "../model/saved-plan.ts";
import { validatePlan } from "./generated/validators.js";

/** Only its user may read it, because it holds whole endpoints with their query strings. */
const planMode = 0o600;
const planKind: SavedPlan["kind"] = "ReconcilePlan";
/** Ten thousand webhooks fit. It is checked before a file is read, because the file may come from anywhere. */
const maxPlanBytes = 64 * 1024 * 1024;

/** Makes the file, or replaces an older plan. Throws ReconcileError `plan/unwritable`, `plan/tooLarge`. */
export async function writeSavedPlan(
  path: string,
  saved: SavedPlan,
  files: Pick<Files, "read" | "write">,
): Promise<void> {
  // The text of a plan that is far too large would take half a GiB before its size is known.
  let length = 0;
  for (const operation of allOperations(saved.plan)) {
    length += JSON.stringify(operation).length;
    if (length > maxPlanBytes) throw tooLarge(`the plan for ${path}`);
  }
  const text = `${JSON.stringify(saved, null, 2)}\n`;
  if (Buffer.byteLength(text) > maxPlanBytes) throw tooLarge(`the plan for ${path}`);
  if (await isOfOthers(path, files)) {
    const message = `the plan cannot be saved to ${path}: it holds something else than a saved plan, and stays as it is`;
    throw new ReconcileError("plan/unwritable", message, {
      hint: "give --out the name of a new file, or remove that one",
    });
  }
  try {
    await files.write(path, text, { mode: planMode, throughLinks: true });
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    const why = code === "EISDIR" ? "it is a folder" : refusalReason(code);
    const hint = "give --out a file in a folder in which this user may write";
    throw new ReconcileError("plan/unwritable", `the plan cannot be saved to ${path}: ${why}`, {
      hint,
      cause,
    });
  }
}

/** Whether the file, or the one that a link in its place names, is neither missing, empty nor a plan of any version. */
async function isOfOthers(path: string, files: Pick<Files, "read">): Promise<boolean> {
  try {
    const text = new TextDecoder().decode(await files.read(path, maxPlanBytes));
    return text !== "" && !isPlan(text);
  } catch (cause) {
    // The write says what else is wrong with it.
    return systemErrorCode(cause) === "EFBIG";
  }
}

function isPlan(text: string): boolean {
  try {
    const { kind } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    return kind === planKind;
  } catch {
    return false;
  }
}

/** Throws ReconcileError `plan/missing`, `plan/unreadable`, `plan/tooLarge`, `plan/malformed`, `plan/otherVersion`. */
export async function readSavedPlan(path: string, files: Pick<Files, "read">): Promise<SavedPlan> {
  const value = parse(await readText(path, files), path);
  const { kind, formatVersion, madeBy } = Object(value) as Readonly<Record<string, unknown>>;
  if (kind !== planKind) throw malformed(path, "it does not say that it is one (kind: ReconcilePlan)");
  if (formatVersion !== 1) {
    const hint = `apply it with the version of reconcile that made it, which is ${String(madeBy)}; or ${remake}`;
    const message = `${path} has format version ${String(formatVersion)}, and this reconcile reads version 1`;
    throw new ReconcileError("plan/otherVersion", message, { hint });
  }
  if (validatePlan(value)) return value as SavedPlan;
  const [error] = validatePlan.errors ?? [];
  const { instancePath = "", keyword = "" } = error ?? {};
  throw malformed(path, `at ${instancePath || "its top"} it breaks schemas/plan.v1.json (${keyword})`);
}

async function readText(path: string, files: Pick<Files, "read">): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(path, maxPlanBytes));
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    if (code === "EISDIR") throw malformed(path, "it is a folder");
    if (code === "ENOTFILE") throw malformed(path, "it is no file");
    if (code === "EFBIG") throw tooLarge(path);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new ReconcileError("plan/missing", `there is no saved plan at ${path}`, { hint: make, cause });
    throw new ReconcileError("plan/unreadable", `${path} cannot be read: ${refusalReason(code)}`, {
      cause,
    });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the file, which may be any file and hold secrets.
    throw malformed(path, "it is not JSON");
  }
}

const make = "`reconcile plan --out FILE` saves one";
const remake = "make a new plan with `reconcile plan --out FILE`";

function malformed(path: string, why: string): ReconcileError {
  return new ReconcileError("plan/malformed", `${path} is no saved plan: ${why}`, { hint: remake });
}

function tooLarge(what: string): ReconcileError {
  const message = `${what} is larger than ${maxPlanBytes / 1024 / 1024} MiB`;
  return new ReconcileError("plan/tooLarge", message, {
    hint: "plan fewer groups at a time, with --group",
  });
}
