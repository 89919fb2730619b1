// Git, asked without our secrets.
import { simpleGit, type SimpleGit } from "simple-git";
import type { Clock } from "../lib/clock.ts";

/** Where the user has said where Git's settings are, that holds here, too. */
const ownConfig = { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true };

/** The same for how Git logs in elsewhere: it may be asked by the user's own program, but not by a question. */
const ownLogin = {
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeCredentialHelper: true,
};
const loginVariables =
  /^(?:SSH_AUTH_SOCK|SSH_ASKPASS|GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_SSL_\w+|\w+_PROXY)$/i;
const login = { GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh" };

/** In the working directory. `variables`: beside what Git gets of the environment anyway. */
export function openGit({
  abort,
  variables,
  isRemote = false,
}: {
  readonly abort?: AbortSignal;
  readonly variables?: Readonly<Record<string, string>>;
  /** It talks to another machine, and may have to log in there. */
  readonly isRemote?: boolean;
} = {}): SimpleGit {
  const unsafe = { ...ownConfig, ...(isRemote ? ownLogin : {}) };
  const git = simpleGit({ unsafe, ...(abort ? { abort } : {}) });
  const more = isRemote ? { ...environmentOf(loginVariables), ...login } : {};
  return git.env({ ...environmentOf(gitVariables), ...more, ...variables });
}

/** For an answer of Git: a disk or a hook that hangs shall not hold up a pass. */
const gitLimitMs = 5_000;

/** Trimmed. Null where there is no Git here, or no answer to this question, or none in time. */
export async function askGit(clock: Clock, ...question: readonly string[]): Promise<string | null> {
  const over = new AbortController();
  const limit = clock.sleep(gitLimitMs, over.signal).then(() => null);
  try {
    const git = openGit({ abort: over.signal });
    const answer = await Promise.race([git.raw([...question]), limit]);
    return answer === null ? null : answer.trim();
  } catch {
    return null;
  } finally {
    over.abort();
  }
}

/** All that Git gets of the environment: enough to find itself, its settings and the repository, and no secret of ours. */
const gitVariables =
  /^(?:PATH|HOME|XDG_CONFIG_HOME|SYSTEMROOT|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|PROGRAMDATA|GIT_DIR|GIT_WORK_TREE|GIT_CEILING_DIRECTORIES|GIT_CONFIG_\w+)$/i;

function environmentOf(wanted: RegExp): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? ""]));
}
