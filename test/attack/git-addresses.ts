// Hostile addresses and branches for `--git`: Git is asked for them as the daemon asks, and nothing of theirs runs.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchRevision } from "../../src/git/git-source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { plainLines } from "../../src/lib/plain.ts";
import { hideLogins } from "../../src/lib/url-login.ts";
import { errorText, ReconcileError } from "../../src/model/errors.ts";
import { makeFamily, type Played, type Row } from "./family.ts";

interface AddressRow extends Row {
  readonly url: string;
  readonly ref: string | null;
}

/** Stands for the command that leaves a file behind where it runs; a blank would end a word of it. */
const touch = "CANARY";
const login = "login-that-nobody-may-see";

const url = (name: string, address: string): AddressRow => ({
  name: `address: ${name}`,
  url: address,
  ref: "main",
});
const ref = (name: string, branch: string): AddressRow => ({
  name: `branch: ${name}`,
  url: "/nowhere/git",
  ref: branch,
});

export const addressRows: readonly AddressRow[] = [
  url("ext::", `ext::sh -c touch% ${touch}`),
  url("ext:: with a host", `ext::sh -c "touch ${touch}" host`),
  url("fd::", "fd::3"),
  url("a helper of one's own", "evil::https://example.com/a.git"),
  url("--upload-pack", `--upload-pack=touch ${touch}`),
  url("-u", `-utouch ${touch}`),
  url("--exec", `--exec=touch ${touch}`),
  url("-c", `-ccore.sshCommand=touch ${touch}`),
  url("ssh with a flag as its host", `ssh://-oProxyCommand=touch%20${touch}/a.git`),
  url("ssh with a flag as its user", `ssh://-oProxyCommand=touch%20${touch}@127.0.0.1:1/a.git`),
  url("scp with a flag as its host", `-oProxyCommand=touch${touch}:a.git`),
  url("ssh with a flag as its path", `ssh://127.0.0.1:1/-touch${touch}`),
  url("ssh with a command in its path", `ssh://127.0.0.1:1/a;touch\${IFS}${touch}`),
  url("git with a line break", "git://127.0.0.1:1/a\n\nHOST: evil"),
  url("git with a port of text", "git://127.0.0.1:x/a"),
  url("https with a line break", "https://127.0.0.1:1/a\r\nX-Evil: 1"),
  url("https with a login", `https://somebody:${login}@127.0.0.1:1/a.git`),
  url("https with a token as its user", `https://${login}@127.0.0.1:1/a.git`),
  url("https with control characters", "https://127.0.0.1:1/\u001b[2J\u202e.git"),
  url("https with a command", `https://127.0.0.1:1/$(touch ${touch})`),
  url("https with backticks", `https://127.0.0.1:1/\`touch ${touch}\``),
  url("file, of no repository", "file:///etc"),
  url("file, of a device", "file:///dev/zero"),
  url("a path above", "../../../../etc"),
  url("a path with a NUL", "/nowhere\u0000/git"),
  url("a bundle that is none", "/etc/passwd"),
  url("nothing", ""),
  url("100,000 characters", `https://127.0.0.1:1/${"a".repeat(100_000)}`),
  ref("a flag", `--upload-pack=touch ${touch}`),
  ref("a refspec", "main:refs/heads/evil"),
  ref("a refspec that deletes", ":refs/reconcile/followed"),
  ref("a pattern", "refs/heads/*"),
  ref("a range", "main..evil"),
  ref("a reflog", "@{-1}"),
  ref("a path", "../../etc/passwd"),
  ref("a line break", "main\nevil"),
  ref("a NUL", "main\u0000"),
  ref("control characters", "\u001b[2J\u202e"),
  ref("a forced refspec", "+main"),
  ref("a negative refspec", "^main"),
];

export const gitAddresses = makeFamily("git-addresses", addressRows, playAddress);

const longestMs = 20_000;

async function playAddress(row: AddressRow): Promise<Played> {
  const root = mkdtempSync(join(tmpdir(), "attack-git-"));
  const canary = join(root, "it-ran");
  try {
    const place = {
      url: row.url.replaceAll(touch, canary),
      ref: row.ref?.replaceAll(touch, canary) ?? null,
    };
    const startedMs = performance.now();
    const thrown = await fetchRevision(place, { directory: join(root, "git"), clock: systemClock }).then(
      () => null,
      (error: unknown) => error,
    );
    const tookMs = performance.now() - startedMs;
    return { attacks: 1, faults: findFaults(thrown, { hasRun: existsSync(canary), tookMs }) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function findFaults(
  thrown: unknown,
  seen: { readonly hasRun: boolean; readonly tookMs: number },
): string[] {
  const faults: string[] = [];
  if (seen.hasRun) faults.push("a program of theirs has run");
  if (seen.tookMs > longestMs) faults.push(`it takes ${Math.round(seen.tookMs / 1000)} s`);
  if (thrown === null) faults.push("it is fetched");
  else if (!(thrown instanceof ReconcileError))
    faults.push(`it is no error of ours: ${errorText(thrown).slice(0, 200)}`);
  else if (!thrown.code.startsWith("git/")) faults.push(`its code is ${thrown.code}`);
  // As the command line shows it.
  const words = thrown instanceof Error ? plainLines(hideLogins(thrown.message)) : "";
  if (words.includes(login)) faults.push("its words hold a login");
  return faults;
}
