// `--from`: where the workflows get this package. Each form pins what it names: by the sum of a file, or by a commit.

/** For people, to be filled in. */
export const sourceForms = ["https://HOST/FILE.tgz#sha512-SUM", "github:OWNER/REPO#COMMIT"] as const;

// The workflows test the same in bash: these are POSIX extended expressions, and what they let through holds nothing
// that YAML, a shell or GitHub's expressions would read as their own.
export const tarballPattern =
  "^(https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/[A-Za-z0-9._~/?&=%+,:@-]+)#(sha512-[A-Za-z0-9+/]{85}[AQgw]==)$";
export const commitPattern =
  "^github:([A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99})#([0-9a-f]{40})$";

/** What is wrong with a `--from`, in a sentence; null where nothing is. */
export function findSourceFault(text: string): string | null {
  const [tarball, commit] = [new RegExp(tarballPattern), new RegExp(commitPattern)];
  if (tarball.test(text) || (commit.test(text) && !text.includes(".git#"))) return null;
  const [, pin = ""] = /#(.*)$/s.exec(text) ?? [];
  if (text.startsWith("github:")) {
    return /^[0-9a-f]{40}$/.test(pin)
      ? "Between github: and the # stand the owner and the name of a repository, without .git at the end."
      : "Behind the # stands a whole commit, 40 digits of 0-9 and a-f: a branch or a tag can be moved.";
  }
  if (!text.startsWith("https://")) return "It begins with https:// or with github:.";
  if (/^https:\/\/[^/?#]*@/.test(text))
    return "The address holds no user name and no password: the workflows would show them to every reader.";
  return /^sha512-[A-Za-z0-9+/]{85}[AQgw]==$/.test(pin)
    ? "The address is a host, perhaps a port, and a path of letters, digits and . _ ~ / ? & = % + , : @ -."
    : "Behind the # stands sha512- and the file's sum in base64, 88 characters; `npm pack --json` prints it as integrity.";
}
