// Declares the flags that several commands share, and parses their values.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { GitPlace } from "../git/git-source.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { parseUrl } from "../lib/parse-url.ts";

/** The flags of `sync` and `plan`. */
export function addPassFlags(command: Command): Command {
  return addRunFlags(addPlanFlags(command))
    .option("--out <file>", "with --dry-run: save the plan; `reconcile apply` applies exactly that plan")
    .option("--base <ref>", "with --dry-run: show separately what was already pending at that Git revision")
    .option("--explain", "show for each group its shares, and which event types stay, which move, and why");
}

/** Adds the flags that decide what a plan contains. */
export function addPlanFlags(command: Command): Command {
  return command
    .option("--dry-run", "stop after the plan; cannot write anything")
    .option("--group <name...>", "only these consumer groups")
    .option("--selector <k=v>", "only manifests with these labels, comma-separated", labels)
    .option("--prune", "delete this owner's resources whose group has no manifest")
    .option(
      "--prune-removed",
      "delete orphans whose manifest was removed by a commit since they were last written",
    )
    .option("--adopt", "take over resources of declared groups that have no owner")
    .option(
      "--adopt-from <owner>",
      "take over resources of declared groups that this other owner has",
      ownerName,
    )
    .option("--allow-deletes", "let a prune delete more than maxDeletePercent")
    .option("--create-only", "only create what is new; change and delete nothing")
    .option("--allow-empty", "accept a folder without manifests");
}

/** Adds the flags of each command that plans or applies and reports it: where, how and how fast, but not what. */
export function addRunFlags(command: Command): Command {
  return addSessionFlags(command)
    .option("--detailed-exitcode", "exit 2 when there are (plan) or were (sync) changes")
    .addOption(outputOption("markdown", "sarif"))
    .option("--summary", "print the counts as text, and no group")
    .option("--no-progress", "show no progress")
    .option("-v, --verbose", "log each request; show unchanged groups and stack traces");
}

/** Adds the flags that decide where a pass works, and how fast. */
export function addSessionFlags(command: Command): Command {
  return command
    .option("--manifests <dir>", "folder of the manifests (default: subscriptions)")
    .addOption(configOption())
    .option("--concurrency <n>", "send at most n writes at once", wholeNumber(1, 64), 4)
    .option(
      "--deadline <minutes>",
      "start no write after so many minutes; the next pass does the rest",
      wholeNumber(1, 1440),
      60,
    )
    .option("--sandbox", "use the embedded Genesys Cloud, whose state is in .reconcile/sandbox.json");
}

/** Adds the flags that choose whose records a command works on, in a trail that holds several's. */
export function addWhoseFlags(command: Command): Command {
  return command
    .option("--owner <name>", "only records of this owner (default: the config's)", ownerName)
    .option(
      "--organization <id>",
      "only records of this organisation (default: the config's, else the last run's)",
      organizationId,
    );
}

export function organizationId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError("Write the id of an organisation.");
}

export function configOption(): Option {
  return new Option("--config <file>", "config file (default: reconcile.yaml, if it exists)");
}

/** Adds the flags that tell whose state a command means. */
export function addStateFlags(command: Command): Command {
  return command
    .addOption(configOption())
    .option("--owner <name>", "the owner whose state it is (default: the config's)", ownerName)
    .option(
      "--organization <id>",
      "the organisation whose state it is (default: the one that the config pins, or the OAuth client's)",
      organizationId,
    );
}

/** The choices are text, JSON, and what else the command can print. */
export function outputOption(...more: readonly string[]): Option {
  return new Option("--output <format>", "output format")
    .choices(["text", "json", ...more])
    .default("text");
}

function labels(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const found = new Map(Object.entries(previous));
  for (const pair of text.split(",")) {
    const [, key, value] = /^([^=!\s]+)=([^=]*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined)
      throw new InvalidArgumentError("Write it as key=value or key=value,key=value.");
    if ((found.get(key) ?? value) !== value)
      throw new InvalidArgumentError(`A manifest has only one value of "${key}", so none can match both.`);
    found.set(key, value);
  }
  return Object.fromEntries(found);
}

export function ownerName(text: string): string {
  if (/^[A-Za-z0-9._-]{1,63}$/.test(text)) return text;
  throw new InvalidArgumentError("An owner has 1 to 63 letters, digits, dots, hyphens and underscores.");
}

/** A parser for commander: the beginning of a run's id. */
export function runPrefix(text: string): string {
  if (text.length >= 4) return text;
  throw new InvalidArgumentError("Give at least the first 4 characters of the run's id.");
}

/** A parser for commander: the hash of a record. */
export function recordHash(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("A hash has 64 hexadecimal digits, as `reconcile audit head` prints it.");
}

/** Adds the flag of the commands that write by the manifests. */
export function addAcceptHead(command: Command): Command {
  return command.option(
    "--accept-head <hash>",
    "go on, on record, from an audit trail that does not verify; the hash is the one that `reconcile audit head` prints",
    recordHash,
  );
}

/** Adds the flag of the commands that apply what a commit declares. */
export function addAllowOlder(command: Command): Command {
  return command.option(
    "--allow-older",
    "with a shared store: apply, on record, a commit that is older than the last applied one",
  );
}

/** Adds the flag of the commands that ask before they write. */
export function addYes(command: Command): Command {
  return command.option("--yes", "do not ask on a terminal before writing");
}

/** Adds the flag of the commands that wait for the right to write. */
export function addLockTimeout(command: Command): Command {
  return command.option(
    "--lock-timeout <duration>",
    "wait so long at most for another process that may write (default: files 30s, postgres 90s, git 5m)",
    span(0),
  );
}

/** A parser for commander; `least` and `most` are allowed. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** A parser for commander: `300ms`, `60s`, `5m`, `1h`, `PT1M30S` → milliseconds. */
export function span(leastMs: number): (text: string) => number {
  return (text) => {
    const [, count = "", unit = ""] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
    const ms = count === "" ? parseDurationMs(text) : Number(count) * (unitsMs[unit] ?? Number.NaN);
    if (ms !== undefined && ms >= leastMs && ms <= longestSpanMs) return ms;
    throw new InvalidArgumentError("Give a time such as 300ms, 60s, 5m or 1h, at most 24h.");
  };
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const longestSpanMs = 86_400_000;

/** A parser for commander: `127.0.0.1:9464`, `[::1]:0`. */
export function address(text: string): { readonly host: string; readonly port: number } {
  const [, six, four, port = ""] = /^(?:\[([0-9a-f:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = six ?? four;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError("Write it as host:port, such as 127.0.0.1:9464 or [::1]:9464.");
}

/** A parser for commander: `https://git.example.com/team/events.git#main`. */
export function gitPlace(text: string): GitPlace {
  const [url = "", ref, more] = text.split("#");
  if (
    more !== undefined ||
    url === "" ||
    /[\s\p{C}]/u.test(text) ||
    url.startsWith("-") ||
    url.includes("::")
  )
    throw new InvalidArgumentError("Write it as https://git.example.com/team/events.git#main.");
  if (hasLogin(url))
    throw new InvalidArgumentError(
      "Other users of this machine could read a password or token in it: use a credential helper or a deploy key.",
    );
  if (ref !== undefined && !/^(?![-.])(?!.*\.\.)[A-Za-z0-9._/-]{1,250}$/.test(ref))
    throw new InvalidArgumentError("Write a branch or a tag after the #.");
  return { url, ref: ref ?? null };
}

/** In an https URL, a user name without a password may be a token. */
function hasLogin(text: string): boolean {
  const url = parseUrl(text);
  if (url === null) return false;
  const { protocol, username, password } = url;
  return password !== "" || (/^https?:$/.test(protocol) && username !== "");
}

export const passExamples = `
Examples:
  reconcile plan --sandbox
  reconcile plan --group analytics-pipeline-alpha --output json
  reconcile plan --out plan.json && reconcile apply plan.json
  reconcile sync --selector team=data
  reconcile sync --prune --allow-deletes
`;
