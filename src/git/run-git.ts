// Runs Git without a shell, without our secrets, and without the programs that a repository's config may name.
import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { dirname } from "node:path";

export interface GitOptions {
  /** What Git gets of the environment besides the variables that every call gets. */
  readonly variables?: Readonly<Record<string, string>>;
  /** `name=value` each: they count more than any config. */
  readonly settings?: readonly string[];
  readonly abort?: AbortSignal;
}

const switches = [
  "safe.bareRepository=explicit",
  "core.fsmonitor=false",
  // A device has no files in it, on any system.
  `core.hooksPath=${devNull}`,
];

/** A call fetches nothing, by no transport, unless its own variables allow it. */
const offline = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" };

/** Git needs these to find itself and the user's own settings; none of them holds a secret of ours. */
const needed =
  /^(?:PATH|HOME|XDG_CONFIG_HOME|SYSTEMROOT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|PROGRAMDATA|GIT_CEILING_DIRECTORIES|GIT_CONFIG_\w+)$/i;

/** More than any list of manifests takes, and little enough to be held. */
const largestAnswerBytes = 256 * 1024 * 1024;

/** Runs in the working directory. Rejects with Git's own words. */
export async function runGit(
  words: readonly string[],
  { variables = {}, settings = [], abort }: GitOptions = {},
): Promise<Buffer> {
  const configured = [...switches, ...settings].flatMap((setting) => ["-c", setting]);
  const argv = ["-C", process.cwd(), "--no-pager", ...configured, ...words];
  const options = {
    // Windows looks for a program in the folder that it is started from before it looks in PATH.
    cwd: dirname(process.execPath),
    env: { ...environmentOf(needed), ...offline, ...variables },
    encoding: "buffer",
    maxBuffer: largestAnswerBytes,
    windowsHide: true,
    ...(abort ? { signal: abort } : {}),
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile("git", argv, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new Error(wordsOf(error, stderr), { cause: error }));
    });
    child.stdin?.end();
  });
}

/** Which variables of the real environment have such a name, and their values. */
export function environmentOf(wanted: RegExp): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? ""]));
}

function wordsOf(error: Error & { readonly code?: unknown }, stderr: Buffer): string {
  const said = stderr.toString("utf8").trim();
  if (said !== "") return said;
  return typeof error.code === "number" ? `git ended with status ${error.code}` : error.message;
}
