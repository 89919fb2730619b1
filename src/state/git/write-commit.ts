// Makes a commit of a few changed files with one `git fast-import`: no work tree, no index, no identity of Git's.
import { Damage } from "./damage.ts";
import type { OwnRepository } from "./own-repository.ts";

export interface Change {
  /** The commit that it follows; null for the first one of a ref. */
  readonly parent: string | null;
  /** Content by path; the parent's other files stay. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** One line for people. */
  readonly subject: string;
  readonly nowMs: number;
}

const draft = "refs/reconcile/draft";

/** Returns the commit's id. Rejects with Damage if Git cannot make it. */
export async function writeCommit(
  repository: OwnRepository,
  { parent, files, subject, nowMs }: Change,
): Promise<string> {
  const seconds = Math.max(0, Math.floor(nowMs / 1000));
  // CI systems start nothing for a commit that says so.
  const message = `${subject}\n\n[skip ci]\n`;
  const parts: (string | Uint8Array)[] = [
    `reset ${draft}\n\ncommit ${draft}\nmark :1\ncommitter reconcile <reconcile@localhost> ${seconds} +0000\n`,
    ...dataOf(message),
    ...(parent === null ? [] : [`from ${parent}\n`]),
  ];
  for (const [path, content] of files) parts.push(`M 100644 inline ${path}\n`, ...dataOf(content));
  parts.push("get-mark :1\ndone\n");
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const answer = await repository
    .git(["fast-import", "--quiet", "--done", "--force"], { input })
    .catch((error: unknown) => {
      throw new Damage(error instanceof Error ? error.message : String(error));
    });
  return answer.toString("utf8").trim();
}

function dataOf(content: string | Uint8Array): [string, Uint8Array, string] {
  const bytes = Buffer.from(content);
  return [`data ${bytes.length}\n`, bytes, "\n"];
}
