// Asks whether anybody can read a remote that is to keep the state, for a command that opens no store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGitApart } from "../../git/run-git-apart.ts";
import { ReconcileError } from "../../model/errors.ts";
import { findPublicAddress } from "./find-public-address.ts";
import { findRemote } from "./remote.ts";

/**
 * An address at which the remote of that name answers without a login; null if none does, if the remote cannot be asked, or if
 * there is none of that name: the store itself tells that.
 */
export async function askWithoutLogin(remote: string): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), "reconcile-remote-"));
  try {
    const found = await findRemote({ remote, token: null });
    return await findPublicAddress(found, {
      // Git finds no repository there, and so no login of the user's own one.
      repository: {
        git: (words, options = {}) =>
          runGitApart(words, { ...options, variables: { GIT_DIR: folder, ...options.variables } }),
        folder: () => folder,
      },
      limit: (limitMs) => AbortSignal.timeout(limitMs),
    });
  } catch (error) {
    if (error instanceof ReconcileError) return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
