// Git repositories in a temporary folder, and stores that keep their state in one of them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../../../src/lib/random.ts";
import { openGitStore, type GitStore, type GitStoreOptions } from "../../../src/state/git/git-store.ts";
import { makeFakeClock, type FakeClock } from "../../support/fake-clock.ts";

export interface GitWorld {
  readonly clock: FakeClock;
  /** The folder of the world; it holds the user's repository `work` and the bare one `remote.git`. */
  readonly root: string;
  readonly remote: string;
  /** Opens the store as one more machine does, or as the machine of that name. */
  open(options?: Partial<GitStoreOptions> & { readonly machine?: string }): Promise<GitStore>;
  pass(deltaMs: number): Promise<void>;
  close(): Promise<void>;
}

export const branch = "reconcile-state";

/** Runs Git in a folder, without the user's settings, and returns what it prints. */
export function git(folder: string, ...words: readonly string[]): string {
  const settings = ["user.name=Ada", "user.email=ada@example.com", "commit.gpgsign=false"].flatMap(
    (each) => ["-c", each],
  );
  return execFileSync("git", ["-C", folder, ...settings, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** The user's repository has no commit; its remote `origin` is the bare one, or has the address. */
export function makeGitWorld(address?: string): GitWorld {
  const root = mkdtempSync(join(tmpdir(), "git-store-"));
  const [remote, work] = [join(root, "remote.git"), join(root, "work")];
  for (const folder of [remote, work]) mkdirSync(folder);
  git(remote, "init", "--quiet", "--bare");
  // Git would look after each push whether there is anything to tidy up.
  git(remote, "config", "receive.autogc", "false");
  git(work, "init", "--quiet");
  git(work, "remote", "add", "origin", address ?? remote);
  const clock = makeFakeClock();
  const opened: GitStore[] = [];
  const before = process.cwd();
  process.chdir(work);
  return {
    ...{ clock, root, remote },
    open: async ({ machine = String(opened.length), ...options } = {}) => {
      const directory = join(root, `machine-${machine}`, "git-state");
      const given = { remote: "origin", token: null, branch, directory, clock, random: systemRandom };
      const store = await openGitStore({ ...given, ...options });
      opened.push(store);
      return store;
    },
    pass: (deltaMs) => clock.advance(deltaMs),
    close: async () => {
      for (const store of opened) await store.close();
      process.chdir(before);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
