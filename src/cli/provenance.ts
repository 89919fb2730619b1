// Who runs this, from where, and on which commit: asked of the CI system, of Git, else of the machine.
import { hostname, userInfo } from "node:os";
import { basename } from "node:path";
import envCi from "env-ci";
import type { Clock } from "../lib/clock.ts";
import { withEnvironment } from "../lib/with-environment.ts";
import { askGit as ask } from "./git.ts";
import type { Repository } from "../app/world.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** `directory`: the manifests'. Never throws: without Git, and where it does not answer, the commit is null. */
export async function readProvenance(
  directory: string,
  variables: Variables,
  clock: Clock,
): Promise<{ readonly actor: string; readonly commit: string | null }> {
  const [author, head, dirty] = await Promise.all([
    gitAuthor(clock),
    ask(clock, "rev-parse", "HEAD"),
    ask(clock, "status", "--porcelain", "--", directory),
  ]);
  // Not known to be clean is no commit, either: it would name what these manifests may not be.
  const commit = head === null || dirty === null ? null : `${head}${dirty === "" ? "" : "-dirty"}`;
  return { actor: ciActor(variables) ?? (author || `${userName()}@${hostname()}`), commit };
}

export async function readRepository(workingDirectory: string, clock: Clock): Promise<Repository> {
  const questions = [
    ["remote", "get-url", "origin"],
    ["symbolic-ref", "--short", "refs/remotes/origin/HEAD"],
    // Unlike rev-parse it answers before the first commit, too.
    ["symbolic-ref", "--short", "HEAD"],
    ["rev-parse", "--show-prefix"],
  ];
  const answers = await Promise.all(questions.map((question) => ask(clock, ...question)));
  const [remote = "", merged = "", current = "", prefix = ""] = answers.map((answer) => answer ?? "");
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
  // It would ask Git, too, and wait for it: of what it finds there nothing is used, so it finds no Git.
  const env = { ...withoutSecrets(variables), PATH: "/nowhere" };
  const ci = withEnvironment({}, () => envCi({ env }) as unknown as Readonly<Record<string, unknown>>);
  if (ci["isCi"] !== true) return undefined;
  const who = variables["GITHUB_ACTOR"] ?? variables["GITLAB_USER_LOGIN"];
  const where = [ci["name"], ci["slug"], ci["build"]].filter((part) => typeof part === "string");
  return [...(who === undefined ? [] : [who, "in"]), ...where].join(" ");
}

async function gitAuthor(clock: Clock): Promise<string> {
  const asked = ["user.name", "user.email"].map((name) => ask(clock, "config", name));
  const [name, email] = await Promise.all(asked);
  return name ? `${name}${email ? ` <${email}>` : ""}` : "";
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
