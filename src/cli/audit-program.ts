// `reconcile audit …`: the names, flags and help of its commands.
import { type Command, InvalidArgumentError, Option } from "commander";
import type { LogFlags } from "./commands/select-records.ts";
import type { VerifyFlags } from "./commands/audit.ts";
import type { TrailFlags } from "./commands/audit-file.ts";
import type { ExportFlags } from "./commands/audit-export.ts";
import type { ClaimFlags } from "./commands/audit-claim.ts";
import type { RotateFlags } from "./commands/audit-rotate.ts";
import { finishesWrites, withTraits } from "./command-line.ts";
import {
  addLockTimeout,
  addStateFlags,
  addWhoseFlags,
  addYes,
  configOption,
  organizationId,
  ownerName,
  recordHash,
  runPrefix,
  wholeNumber,
} from "./flags.ts";
import { parseSinceMs, parseUntilMs } from "./since.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addAuditCommands(program: Command, world: World, set: (status: number) => void): void {
  const audit = withTraits(program.command("audit"), { interruptMessage: null })
    .description("read the audit trail, check its chain, print its head; begin a new file")
    .usage("<command> [flags]")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", auditExamples);

  addLog(audit, world, set);
  addClaim(audit, world, set);

  addWholeTrailFlags(audit.command("verify").description("check every record against the one before it"))
    .option("--json", "print one JSON object")
    .option(
      "--expect-head <hash>",
      "fail unless the trail holds this hash; this detects records that were cut off at its end",
      recordHash,
    )
    .option("--require-signed", "fail unless every record is signed under RECONCILE_AUDIT_KEY")
    .addHelpText("after", verifyExamples)
    .action(async (flags: VerifyFlags) => {
      const { runAuditVerify } = await import("./commands/audit.ts");
      set(await runAuditVerify(flags, world));
    });

  addWholeTrailFlags(
    audit.command("head").description("print the hash of the last record, for you to keep elsewhere"),
  )
    .option("--json", "print one JSON object: seq, hash, timestamp, runId")
    .addHelpText("after", headExamples)
    .action(async (flags: TrailFlags) => {
      const { runAuditHead } = await import("./commands/audit.ts");
      set(await runAuditHead(flags, world));
    });

  addStateFlags(
    audit.command("export").description("write the whole trail, wherever it is kept, into one file"),
  )
    .usage("--file <file> [flags]")
    .requiredOption("--file <file>", "the file to write; one that exists is not replaced")
    .option("--sandbox", "export the trail of passes that ran with --sandbox")
    .addHelpText("after", exportExamples)
    .action(async (flags: ExportFlags) => {
      const { runAuditExport } = await import("./commands/audit-export.ts");
      set(await runAuditExport(flags, world));
    });

  addLockTimeout(addStateFlags(withTraits(audit.command("rotate"), { interruptMessage: finishesWrites })))
    .description("close the trail's file, give it a name with the time, and go on in a new file")
    .usage("[flags]")
    .option("--sandbox", "rotate the trail of passes that ran with --sandbox")
    .addHelpText("after", rotateExamples)
    .action(async (flags: RotateFlags) => {
      const { runAuditRotate } = await import("./commands/audit-rotate.ts");
      set(await runAuditRotate(flags, world));
    });
}

function addClaim(audit: Command, world: World, set: (status: number) => void): void {
  addYes(addWhoseFlags(withTraits(audit.command("claim"), { interruptMessage: finishesWrites })))
    .description("say on record that records of older versions are of the present organisation")
    .usage("[flags]")
    .option("--dry-run", "show what would be claimed; cannot write anything")
    .addOption(configOption())
    .option("--sandbox", "claim in the trail of passes that ran with --sandbox")
    .addHelpText("after", claimExamples)
    .action(async (flags: ClaimFlags) => {
      const { runAuditClaim } = await import("./commands/audit-claim.ts");
      set(await runAuditClaim(flags, world));
    });
}

function addLog(audit: Command, world: World, set: (status: number) => void): void {
  addTrailFlags(audit.command("log").description("show what was changed, when and by whom; oldest first"))
    .option("--json", "print the records as they are on disk, one a line, with every intent")
    .option("--all", "show also the intents whose outcome is shown")
    .addOption(
      timeOption("--since <time>", "only records since then, such as 2026-01-31T08:00Z or 2h", {
        world,
        parse: parseSinceMs,
      }),
    )
    .addOption(
      timeOption("--until <time>", "only records until then; a date counts to its end", {
        world,
        parse: parseUntilMs,
      }),
    )
    .option(
      "--actor <text>",
      "only records whose person, machine or OAuth client has this text in its name",
    )
    .option("--group <name...>", "only records about these consumer groups")
    .option("--owner <name>", "only records of this owner, and those that name none", ownerName)
    .option(
      "--organization <id>",
      "only records of this organisation, and those that name none",
      organizationId,
    )
    .option("--run <id>", "only this run; its first 4 characters or more", runPrefix)
    .option("--limit <n>", "only the newest n records", wholeNumber(1, 1_000_000))
    .option("--wide", "one line a record, with whole ids, the CI run's address and the OAuth client")
    .addHelpText("after", logExamples)
    .action(async ({ since, until, ...flags }: LogOptions) => {
      const { runAuditLog } = await import("./commands/audit-log.ts");
      const times = {
        ...(since === undefined ? {} : { sinceMs: since }),
        ...(until === undefined ? {} : { untilMs: until }),
      };
      set(await runAuditLog({ ...flags, ...times }, world));
    });
}

type LogOptions = Omit<LogFlags, "sinceMs" | "untilMs"> & {
  readonly since?: number;
  readonly until?: number;
};

/** A trail may hold the records of several owners, of which a flag shows one. */
function addTrailFlags(command: Command): Command {
  return addSources(command, ["sandbox"]).addOption(configOption());
}

/** The trail as a whole is read, so a flag can only choose between those of a shared store. */
function addWholeTrailFlags(command: Command): Command {
  return addStateFlags(addSources(command, ["sandbox", "owner", "organization"]));
}

function addSources(command: Command, others: string[]): Command {
  return command
    .usage("[flags]")
    .addOption(
      new Option("--file <file>", "read this trail (default: the config's audit.file)").conflicts(others),
    )
    .option("--sandbox", "read the trail of passes that ran with --sandbox");
}

interface TimeParsing {
  readonly world: World;
  readonly parse: typeof parseSinceMs;
}

function timeOption(flag: string, description: string, { world, parse }: TimeParsing): Option {
  return new Option(flag, description).argParser((text) => {
    const timeMs = parse(text, world.clock.now());
    if (timeMs !== undefined) return timeMs;
    throw new InvalidArgumentError(
      "Write it as a date (2026-01-31), a time (2026-01-31T08:00Z), or an age (30m, 2h, 7d, PT2H).",
    );
  });
}

const auditExamples = `
Examples:
  reconcile audit log --since 7d
  reconcile audit verify --expect-head "$(cat head.txt)"
  reconcile audit head > head.txt                  keep it where this machine cannot change it
`;

const logExamples = `
A row with \`outcome open\` is an intent without an outcome: the trail does not record whether the change was made.

Examples:
  reconcile audit log --limit 20
  reconcile audit log --since 2h --group analytics-pipeline-alpha
  reconcile audit log --since 2026-01-01 --until 2026-01-31 --actor ada
  reconcile audit log --run 3f2a9c01 --json | jq .event
  reconcile audit log --sandbox
`;

const verifyExamples = `
To check signed records, set RECONCILE_AUDIT_KEY in the environment or in .env.

Examples:
  reconcile audit verify
  reconcile audit verify --expect-head "$(cat head.txt)" --json
  reconcile audit verify --file copy-of-the-trail.log --require-signed
`;

const headExamples = `
Examples:
  reconcile audit head > head.txt
  reconcile audit head --json
`;

const exportExamples = `
The file has the same bytes in each store, and \`audit verify --file\` finds the same head in it. A trail that does not verify
is exported too, with a warning.

Examples:
  reconcile audit export --file trail.log
  reconcile audit export --file trail.log && reconcile audit verify --file trail.log
`;

const claimExamples = `
Records of older versions name no organisation. They count as the present one's if at least half of the resources that
they leave live are live there; otherwise this command assigns them.

Examples:
  reconcile audit claim --dry-run
  reconcile audit claim --yes
`;

const rotateExamples = `
The closed file stays beside the trail, and every command goes on reading it there. It waits for a pass that runs.

Examples:
  reconcile audit rotate
  reconcile audit rotate --sandbox
`;
