// Who runs this, from where, and on which commit: asked of the CI system, of Git, else of the machine.
import { hostname, userInfo } from "node:os";
import { basename } from "node:path";
import envCi from "env-ci";
import { simpleGit } from "simple-git";
import { withEnvironment } from "../lib/with-environment.ts";
import type { Repository } from "./world.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** `directory`: the manifests'. Never throws: without Git the commit is null. */
export async function readProvenance(
  directory: string,
  variables: Variables,
): Promise<{ readonly actor: string; readonly commit: string | null }> {
  const [author, head, dirty] = await Promise.all([
    gitAuthor(),
    ask("rev-parse", "HEAD"),
    ask("status", "--porcelain", "--", directory),
  ]);
  const commit = head === "" ? null : `${head}${dirty === "" ? "" : "-dirty"}`;
  return { actor: ciActor(variables) ?? (author || `${userName()}@${hostname()}`), commit };
}

export async function readRepository(workingDirectory: string): Promise<Repository> {
  const [remote, merged, current, prefix] = await Promise.all([
    ask("remote", "get-url", "origin"),
    ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD"),
    // Unlike rev-parse it answers before the first commit, too.
    ask("symbolic-ref", "--short", "HEAD"),
    ask("rev-parse", "--show-prefix"),
  ]);
  const branch = merged.replace(/^origin\//, "") || current;
  return {
    name: nameRepository(remote, workingDirectory),
    branch: branch === "" ? null : branch,
    folder: prefix.replace(/\/$/, ""),
  };
}

function nameRepository(remote: string, workingDirectory: string): string {
  const name = remote
    .split(/[/:]/)
    .at(-1)
    ?.replace(/\.git$/, "");
  const found = name === undefined || name === "" ? basename(workingDirectory) : name;
  const owner = found.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 63);
  return /[A-Za-z0-9]/.test(owner) ? owner : "default";
}

function ciActor(variables: Variables): string | undefined {
  // It may ask Git, too, and hands on to it what it finds in process.env beside what it is given.
  const ci = withEnvironment(
    gitEnvironment(),
    () => envCi({ env: withoutSecrets(variables) }) as unknown as Readonly<Record<string, unknown>>,
  );
  if (ci["isCi"] !== true) return undefined;
  const who = variables["GITHUB_ACTOR"] ?? variables["GITLAB_USER_LOGIN"];
  const where = [ci["name"], ci["slug"], ci["build"]].filter((part) => typeof part === "string");
  return [...(who === undefined ? [] : [who, "in"]), ...where].join(" ");
}

async function gitAuthor(): Promise<string> {
  const [name, email] = await Promise.all([ask("config", "user.name"), ask("config", "user.email")]);
  return name === "" ? "" : `${name}${email === "" ? "" : ` <${email}>`}`;
}

/** Where the user has said where Git's settings are, that holds here, too. */
export const ownConfig = { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true };

async function ask(...question: readonly string[]): Promise<string> {
  try {
    return (
      await simpleGit({ unsafe: ownConfig })
        .env(gitEnvironment())
        .raw([...question])
    ).trim();
  } catch {
    // No Git here, or no answer to this question: the trail says so with a null commit.
    return "";
  }
}

/** All that Git gets of the environment: enough to find itself, its settings and the repository, and no secret of ours. */
const gitVariables =
  /^(?:PATH|HOME|XDG_CONFIG_HOME|SYSTEMROOT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|PROGRAMDATA|GIT_DIR|GIT_WORK_TREE|GIT_CEILING_DIRECTORIES|GIT_CONFIG_\w+)$/i;

export function gitEnvironment(): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => gitVariables.test(name));
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? ""]));
}

function withoutSecrets(variables: Variables): Variables {
  const isSecret = (name: string): boolean => /^(?:GENESYS|RECONCILE)_|_PROXY$/i.test(name);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isSecret(name)));
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not have a name.
    return "unknown";
  }
}
