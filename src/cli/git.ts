// Git, asked without our secrets.
import { simpleGit, type SimpleGit } from "simple-git";
import type { Clock } from "../lib/clock.ts";

/** Where the user has said where Git's settings are, that holds here, too. */
const ownConfig = { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true };

/** In the working directory. `variables`: beside what Git gets of the environment anyway. */
export function openGit({
  abort,
  variables,
}: {
  readonly abort?: AbortSignal;
  readonly variables?: Readonly<Record<string, string>>;
} = {}): SimpleGit {
  const git = simpleGit({ unsafe: ownConfig, ...(abort ? { abort } : {}) });
  return git.env({ ...gitEnvironment(), ...variables });
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

function gitEnvironment(): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => gitVariables.test(name));
  return Object.fromEntries(variables.map(([name, value]) => [name, value ?? ""]));
}
