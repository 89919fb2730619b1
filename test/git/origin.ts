// A repository on this disk that a daemon fetches from: its branch main has one manifest.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Origin {
  readonly init: () => void;
  /** Runs Git in the repository, as Ada, and returns what it prints. */
  readonly git: (...words: readonly string[]) => string;
  /** Commits the text as the manifest, and returns the commit. */
  readonly commit: (text: string) => string;
}

/** `path` is asked for each time, because each test has a folder of its own. */
export function makeOrigin(path: () => string): Origin {
  const git: Origin["git"] = (...words) => {
    const settings = ["user.name=Ada", "user.email=ada@example.com", "commit.gpgsign=false"].flatMap(
      (each) => ["-c", each],
    );
    return execFileSync("git", [...settings, ...words], { cwd: path(), encoding: "utf8" }).trim();
  };
  return {
    git,
    init: () => {
      mkdirSync(join(path(), "subscriptions"), { recursive: true });
      git("init", "--quiet", "--initial-branch=main");
    },
    commit: (text) => {
      writeFileSync(join(path(), "subscriptions/alpha.yaml"), text);
      git("add", ".");
      git("commit", "--quiet", "--message", text);
      return git("rev-parse", "HEAD");
    },
  };
}
