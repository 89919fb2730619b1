// Reads the environment's variables and those of `.env`. `ignored-variables.ts` says which variables of `.env` do not count.
import { parseEnv } from "node:util";
import { proxyVariables, type Variables } from "../genesys/client/proxy.ts";
import type { Files } from "../lib/files.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import { findCut } from "./find-cut.ts";
import { findIgnored, type IgnoredVariables } from "./ignored-variables.ts";
import { givingSecret, variablesOfLogin } from "./secret-variables.ts";

export interface Environment {
  readonly variables: Variables;
  /** Variables in `.env` that do not count. */
  readonly ignored: readonly IgnoredVariables[];
  /** Secrets of which `.env` gives only a part. */
  readonly cut: readonly string[];
}

/**
 * The real environment overrides `.env`. An empty variable counts as unset, because a workflow passes a secret that it
 * does not have as an empty variable.
 * Throws ReconcileError `env/unreadable`.
 */
export async function readEnvironment(given: Variables, files: Pick<Files, "read">): Promise<Environment> {
  const real: Variables = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  const text = await readDotenv(files);
  const dotenv: Variables = parseEnv(text);
  const ignored = findIgnored(real, { variables: dotenv, text });
  const secrets = [...variablesOfLogin, ...givingSecret];
  const namesIgnored = new Set(ignored.flatMap(({ names }) => names));
  // A proxy variable has two spellings, and libraries prefer the lower case. The real one wins here too, in either spelling.
  const isReal = (name: string): boolean =>
    (proxyVariables.includes(name) &&
      (real[name.toLowerCase()] ?? real[name.toUpperCase()]) !== undefined) ||
    // The real environment gives a secret in either form.
    (secrets.includes(name) && real[`${name}_FILE`] !== undefined);
  const allowed = Object.entries(dotenv).filter(([name]) => !namesIgnored.has(name) && !isReal(name));
  const cut = findCut(text, secrets).filter(
    (name) => !namesIgnored.has(name) && real[name] === undefined && !isReal(name),
  );
  return { variables: { ...Object.fromEntries(allowed), ...real }, ignored, cut };
}

/** A few dozen variables have a few kilobytes, certificates in them included. */
const maxDotenvBytes = 1024 * 1024;

const dotenvFaults: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  ENOTFILE: "it is neither a file nor a link to one, but a pipe, a socket or a device",
  EFBIG: `it is larger than ${maxDotenvBytes / 1024 / 1024} MiB`,
};

async function readDotenv(files: Pick<Files, "read">): Promise<string> {
  const bytes = await readDotenvBytes(files);
  // Windows' own programs write UTF-16, in which no variable is found.
  const [first = 1, second = 1] = bytes;
  const isWide =
    first === 0 ||
    second === 0 ||
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff);
  if (!isWide) return new TextDecoder().decode(bytes);
  const hint = "save it as UTF-8, or move it away and set the variables in the environment";
  throw new ReconcileError("env/unreadable", ".env cannot be read (it is not text in UTF-8)", { hint });
}

async function readDotenvBytes(files: Pick<Files, "read">): Promise<Uint8Array> {
  try {
    return await files.read(".env", maxDotenvBytes);
  } catch (error) {
    const refusal = systemErrorCode(error);
    if (refusal === undefined) throw error;
    if (refusal === "ENOENT") return new Uint8Array();
    const hint = "let this user read it, or move it away and set the variables in the environment";
    const message = `.env cannot be read (${dotenvFaults[refusal] ?? refusal})`;
    throw new ReconcileError("env/unreadable", message, { hint, cause: error });
  }
}
