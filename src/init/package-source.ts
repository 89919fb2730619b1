// `--from`: the source of this package for the workflows. Each form pins the package: by the checksum of a file, or by
// a commit.

/** The forms with placeholders for people to fill in. */
export const sourceForms = ["https://HOST/FILE.tgz#sha512-SUM", "github:OWNER/REPO#COMMIT"] as const;

// The workflows test the same patterns in bash, so these are POSIX extended expressions. They admit no character that
// is special in YAML, in a shell, or in GitHub's expressions.
export const tarballPattern =
  "^(https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/[A-Za-z0-9._~/?&=%+,:@-]+)#(sha512-[A-Za-z0-9+/]{85}[AQgw]==)$";
export const commitPattern =
  "^github:([A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99})#([0-9a-f]{40})$";

/** Returns a sentence about the fault of a `--from`; null if it has none. */
export function findSourceFault(text: string): string | null {
  const [tarball, commit] = [new RegExp(tarballPattern), new RegExp(commitPattern)];
  if (tarball.test(text) || (commit.test(text) && !text.includes(".git#"))) return null;
  const [, pin = ""] = /#(.*)$/s.exec(text) ?? [];
  if (text.startsWith("github:")) {
    return /^[0-9a-f]{40}$/.test(pin)
      ? "Between github: and the # it needs the owner and the name of a repository, as in acme/reconcile, without .git at the end."
      : "After the # it needs a whole commit, 40 digits of 0-9 and a-f, because a branch or a tag can be moved.";
  }
  if (!text.startsWith("https://")) return "It must begin with https:// or with github:.";
  if (/^https:\/\/[^/?#]*@/.test(text))
    return "The address must not hold a user name or a password, because the workflows would show them to every reader.";
  return /^sha512-[A-Za-z0-9+/]{85}[AQgw]==$/.test(pin)
    ? "The address needs a host, and a path of letters, digits and . _ ~ / ? & = % + , : @ -; a port may stand between."
    : "After the # it needs sha512- and the file's checksum in base64, 88 characters; `npm pack --json` prints both as integrity.";
}
