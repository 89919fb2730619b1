// Runs Git without a shell, without this product's secrets, and without the programs that a repository's config may
// name.
import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { devNull } from "node:os";
import { dirname } from "node:path";

export interface GitOptions {
  /** Variables for Git beside those that every call gets. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Settings as `name=value`, which override every config. */
  readonly settings?: readonly string[];
  readonly abort?: AbortSignal;
}

const switches = [
  "safe.bareRepository=explicit",
  "core.fsmonitor=false",
  // The null device holds no files on any system, so Git finds no hooks there.
  `core.hooksPath=${devNull}`,
];

/** A call can fetch only if its own variables allow a transport. */
const offline = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" };

/** In a clone, one commit can be made to stand for another, or to have other parents; here each counts as it is. */
const unreplaced = { GIT_NO_REPLACE_OBJECTS: "1", GIT_GRAFT_FILE: devNull };

/** Git needs these variables to find itself and the user's settings; none of them holds a secret of this product. */
const needed =
  /^(?:PATH|HOME|XDG_CONFIG_HOME|SYSTEMROOT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|PROGRAMDATA|GIT_CEILING_DIRECTORIES|GIT_CONFIG_\w+)$/i;

/** Larger than any answer about manifests, and small enough for memory. */
const largestAnswerBytes = 96 * 1024 * 1024;

/** Runs Git in the working directory. Rejects with Git's own message. */
export async function runGit(words: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const settings = { ...callOf(options), encoding: "buffer", maxBuffer: largestAnswerBytes } as const;
  return new Promise((resolve, reject) => {
    const child = execFile("git", argvOf(words, options), settings, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new Error(messageOf(error, stderr), { cause: error }));
    });
    child.stdin?.end();
  });
}

/**
 * Starts a Git that a Ctrl-C in the terminal does not reach, and that can ask nobody there. The caller ends its input and
 * listens for its errors.
 */
export function startGit(
  words: readonly string[],
  options: GitOptions = {},
): ChildProcessWithoutNullStreams {
  // Windows would open a window for a process of its own.
  const detached = process.platform !== "win32";
  return spawn("git", argvOf(words, options), { ...callOf(options), detached });
}

function argvOf(words: readonly string[], { settings = [] }: GitOptions): string[] {
  const configured = [...switches, ...settings].flatMap((setting) => ["-c", setting]);
  return ["-C", process.cwd(), "--no-pager", ...configured, ...words];
}

function callOf({ variables = {}, abort }: GitOptions): {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly windowsHide: true;
  readonly signal?: AbortSignal;
} {
  return {
    // Windows looks for a program in the current folder before PATH, so Git is not started in the working directory.
    cwd: dirname(process.execPath),
    env: { ...environmentOf(needed), ...offline, ...unreplaced, ...variables },
    windowsHide: true,
    ...(abort ? { signal: abort } : {}),
  };
}

/** True for an error of `runGit` after which Git itself ended with a failure: it could be started, and had the time. */
export function gitRan(error: unknown): boolean {
  return exitCodeOf(error) !== null;
}

/** The status with which Git ended; null for other errors than that. */
export function exitCodeOf(error: unknown): number | null {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && typeof cause.code === "number" ? cause.code : null;
}

/** The variables of the real environment whose names match. */
export function environmentOf(wanted: RegExp): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? ""]));
}

function messageOf(error: Error & { readonly code?: unknown }, stderr: Buffer): string {
  const message = stderr.toString("utf8").trim();
  if (message !== "") return message;
  return typeof error.code === "number" ? `git ended with status ${error.code}` : error.message;
}
