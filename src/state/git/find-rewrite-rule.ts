// Asks whether the remote refuses to rewrite and to delete the branches of the state, as far as that can be told from here: a
// server on the network tells its rules to nobody who only reads and pushes.
import { join } from "node:path";
import type { OwnRepository } from "./own-repository.ts";
import type { Remote } from "./remote.ts";

const settings = ["receive.denyNonFastForwards", "receive.denyDeletes"] as const;

/** Null if it cannot be told. */
export async function findRewriteRule(
  { form, address }: Pick<Remote, "form" | "address">,
  repository: Pick<OwnRepository, "git">,
): Promise<boolean | null> {
  if (form !== "path") return null;
  const answers = await Promise.all(settings.map((name) => isSet(name, address, repository)));
  return answers.every(Boolean);
}

/** The remote's own settings go before those of this machine, which its Git reads as well. */
async function isSet(name: string, path: string, { git }: Pick<OwnRepository, "git">): Promise<boolean> {
  const places = [["--file", join(path, "config")], ["--file", join(path, ".git", "config")], []];
  for (const place of places) {
    const answer = await git(["config", ...place, "--type=bool", "--get", name]).catch(() => null);
    if (answer !== null) return answer.toString("utf8").trim() === "true";
  }
  return false;
}
