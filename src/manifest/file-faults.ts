// Makes diagnostics of files and folders that cannot be read.
import { posix, sep } from "node:path";
import type { Diagnostic, Fault } from "../model/diagnostic.ts";
import { refusalReason, systemErrorCode } from "../model/errors.ts";
import { errorAt, startOf } from "./problem.ts";
import { quote } from "../lib/text.ts";

/** A path and what it should lead to; `kind` is the first half of a diagnostic's code. */
export interface Target {
  readonly kind: "file" | "folder" | "link" | "config" | "catalog";
  readonly file: string;
}

/** Describes an error of the disk; throws any other error again. */
export function describeRefusal({ kind, file }: Target, error: unknown): Diagnostic {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  if (code === "ENOENT") {
    const message = kind === "link" ? "this link leads nowhere" : `${quote(file)} does not exist`;
    return faultOf(file, `${kind}/missing`, { message, hint: hintOnMissing({ kind, file }) });
  }
  return faultOf(file, `${kind}/unreadable`, {
    message: `${quote(file)} cannot be read: ${refusalReason(code)}`,
  });
}

/** `init` writes no config with a name of its own. */
function hintOnMissing({ kind, file }: Target): string | null {
  return kind === "config" && file !== "reconcile.yaml" ? "check the path" : hintsOnMissing[kind];
}

const hintsOnMissing: Readonly<Record<Target["kind"], string | null>> = {
  file: null,
  folder:
    "name a folder that exists, on the command line or as `manifests` in reconcile.yaml; " +
    "a missing one never means: delete everything",
  link: "remove the link, or put back the file that it names",
  config: "`reconcile init` writes one",
  catalog: "the key catalog of the config names it",
};

/** Makes a diagnostic about a whole file or folder. */
export function faultOf(file: string, code: string, text: Omit<Fault, "code">): Diagnostic {
  return errorAt(startOf(file), { code, ...text });
}

/** Returns the path as the user would type it: with `/`, but without one at the end. */
export function asTyped(path: string): string {
  const slashed = sep === "/" ? path : path.replaceAll(sep, "/");
  return posix.normalize(slashed).replace(/(?<=.)\/$/, "");
}
