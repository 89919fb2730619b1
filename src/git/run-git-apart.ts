// Runs a Git that goes on when a Ctrl-C in the terminal tells this process to come to an end.
import { startGit, type GitOptions } from "./run-git.ts";

export interface GitApartOptions extends GitOptions {
  /** The bytes of its standard input; nothing by default. */
  readonly input?: Uint8Array;
}

/** More than Git ever says; its first words tell what is wrong. */
const mostSaidBytes = 64 * 1024;

/** Rejects with Git's own message, which never holds the words that Git was called with. */
export async function runGitApart(
  words: readonly string[],
  { input, ...options }: GitApartOptions = {},
): Promise<Buffer> {
  const child = startGit(words, options);
  const [answer, said]: [Buffer[], Buffer[]] = [[], []];
  let saidBytes = 0;
  child.stdout.on("data", (part: Buffer) => answer.push(part));
  child.stderr.on("data", (part: Buffer) => {
    saidBytes += part.length;
    if (saidBytes <= mostSaidBytes) said.push(part);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const message = Buffer.concat(said).toString("utf8").trim();
      const end = signal === null ? `git ended with status ${code ?? 0}` : `git was ended by ${signal}`;
      if (code === 0) resolve(Buffer.concat(answer));
      else reject(new Error(message === "" ? end : message));
    });
    // A Git that ends before it has read all of it says why itself.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
