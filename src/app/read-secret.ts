// Reads a secret from its variable, or from the file that the variable `NAME_FILE` names.
import type { Variables } from "../genesys/client/proxy.ts";
import type { Files } from "../lib/files.ts";
import { withoutLineEnds } from "../lib/without-line-ends.ts";
import { ReconcileError, refusalReason, systemErrorCode } from "../model/errors.ts";
import type { SecretName } from "./secret-variables.ts";

/** The longest secrets are addresses and keys of some hundred characters. */
const maxBytes = 64 * 1024;

/**
 * Returns undefined if neither variable is set. The line ends around the secret are taken off, because no secret begins or
 * ends with one. Throws ReconcileError `secret/givenTwice`, `secret/unreadable`, `secret/empty`.
 */
export async function readSecret(
  name: SecretName,
  variables: Variables,
  files: Pick<Files, "read">,
): Promise<string | undefined> {
  const [given, path] = [withoutLineEnds(variables[name] ?? ""), variables[`${name}_FILE`]];
  if (!path) return given === "" ? undefined : given;
  if (given !== "") {
    const hint = "unset one of them, so that it is plain which one counts";
    throw new ReconcileError("secret/givenTwice", `${name} and ${name}_FILE are both set`, { hint });
  }
  const secret = withoutLineEnds(await readText(`${name}_FILE`, path, files));
  if (secret !== "") return secret;
  throw new ReconcileError("secret/empty", `the file that ${name}_FILE names is empty`, {
    hint: "put the secret into it, and nothing else",
  });
}

/** Returns the variable that gives the secret, for messages about it. */
export function givenBy(name: SecretName, variables: Variables): string {
  return variables[`${name}_FILE`] ? `${name}_FILE` : name;
}

/** The message shows neither the content nor the path: somebody may have set the secret itself in the place of the path. */
async function readText(variable: string, path: string, files: Pick<Files, "read">): Promise<string> {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await files.read(path, maxBytes));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const fault = faults[code] ?? `cannot be read: ${refusalReason(code)}`;
    throw new ReconcileError("secret/unreadable", `the file that ${variable} names ${fault}`, {
      hint: `set ${variable} to the path of a file with the secret and nothing else`,
    });
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder",
  ENOTFILE: "is neither a file nor a link to one, but a pipe, a socket or a device",
  EFBIG: `is larger than ${maxBytes / 1024} KiB`,
};
