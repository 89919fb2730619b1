// The command line: names, flags and help. The code of a command is loaded only when the command runs, so that help is
// quick.
import { Command, Option } from "commander";
import type { PassFlags } from "../app/pass-settings.ts";
import type { WatchFlags } from "./commands/watch.ts";
import type { ValidateFlags } from "./commands/validate.ts";
import type { StatusFlags } from "./commands/status.ts";
import { addAwsCommands } from "./aws-program.ts";
import { addAuditCommands } from "./audit-program.ts";
import { defaultCommand, withTraits } from "./command-line.ts";
import { describeExitStatus } from "./exit-status.ts";
import { addCatalogCommands } from "./catalog-program.ts";
import { addDoctor } from "./doctor-program.ts";
import { addImport } from "./import-program.ts";
import { addInit } from "./init-program.ts";
import { addPlanCommands } from "./plan-program.ts";
import { addNotify } from "./notify-program.ts";
import { addSandbox } from "./sandbox-program.ts";
import { addStateCommands } from "./state-program.ts";
import { addTest } from "./test-program.ts";
import {
  addAcceptHead,
  addAllowOlder,
  addLockTimeout,
  addPassFlags,
  addPlanFlags,
  addSessionFlags,
  addWhoseFlags,
  addYes,
  address,
  configOption,
  gitPlace,
  span,
  outputOption,
  passExamples,
} from "./flags.ts";
import { unknownCommand } from "./unknown-command.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function makeProgram(world: World, set: (status: number) => void): Command {
  const program = makeRoot(world.version);

  const sync = program
    .command(defaultCommand, { isDefault: true })
    .description("run one pass: plan, then apply (the default command)");
  addYes(addLockTimeout(addAllowOlder(addAcceptHead(addPassFlags(sync)))))
    .argument("[unexpected...]")
    .usage("[flags]")
    .addHelpText("after", passExamples)
    .action(async (unexpected: string[], flags: PassFlags) => {
      if (unexpected.length > 0) program.error(unknownCommand(unexpected[0] ?? "", program));
      const { runPass } = await import("./commands/pass.ts");
      set(await runPass(flags, world));
    });

  const plan = program.command("plan").description("show what a sync would do; the same as --dry-run");
  addPassFlags(withTraits(plan, { isDryRun: true }))
    .usage("[flags]")
    .addHelpText("after", passExamples)
    .action(async (flags: PassFlags) => {
      const { runPass } = await import("./commands/pass.ts");
      set(await runPass({ ...flags, dryRun: true }, world));
    });

  addPlanCommands(program, world, set);

  withTraits(program.command("validate"), { isDryRun: true, interruptMessage: null })
    .description("check manifests offline: schema, limits, rules across manifests")
    .argument("[paths...]", "manifest files or folders (default: the config's `manifests`)")
    .addOption(configOption())
    .addOption(outputOption("markdown", "sarif"))
    .option("--allow-empty", "accept a folder without manifests")
    .addHelpText("after", validateExamples)
    .action(async (paths: string[], flags: ValidateFlags) => {
      const { runValidate } = await import("./commands/validate.ts");
      set(await runValidate(paths, flags, world));
    });

  addImport(program, world, set);
  addCatalogCommands(program, world, set);
  addStatus(program, world, set);
  addAuditCommands(program, world, set);
  addStateCommands(program, world, set);
  for (const add of [addAwsCommands, addWatch, addDoctor, addTest, addNotify]) add(program, world, set);

  addSandbox(program, world, set);
  addInit(program, world, set);

  withTraits(program.command("version"), { isDryRun: true, interruptMessage: null })
    .description("print the version, as -V does")
    .usage("")
    .addHelpText("after", "\nExamples:\n  reconcile version\n")
    .action(() => {
      world.stdout.write(`${world.version}\n`);
    });

  return program;
}

function addStatus(program: Command, world: World, set: (status: number) => void): void {
  addWhoseFlags(withTraits(program.command("status"), { interruptMessage: null }))
    .description(
      "show the last run, writes whose outcome is not on record, the head of the trail, and the figures",
    )
    .addOption(configOption())
    .addOption(outputOption())
    .option("--sandbox", "show the runs on the embedded Genesys Cloud")
    .addHelpText("after", "\nExamples:\n  reconcile status\n  reconcile status --sandbox --output json\n")
    .action(async (flags: StatusFlags) => {
      const { runStatus } = await import("./commands/status.ts");
      set(await runStatus(flags, world));
    });
}

function addWatch(program: Command, world: World, set: (status: number) => void): void {
  const watch = program
    .command("watch")
    .description("run as a daemon: a pass after each change and at an interval, and a dashboard");
  // The daemon's log reports that it stops.
  const traits = { interruptMessage: "", isEndedBySigterm: true };
  addLockTimeout(addSessionFlags(addPlanFlags(withTraits(watch, traits))))
    .usage("[flags]")
    .addOption(
      new Option("--listen <host:port>", "address of the dashboard, the health checks and the figures")
        .argParser(address)
        .default({ host: "127.0.0.1", port: 9464 }, "127.0.0.1:9464"),
    )
    .option("--git <url#ref>", "fetch the manifests from this repository before each pass", gitPlace)
    .addOption(
      new Option("--interval <time>", "run a pass at least this often")
        .argParser(span(1))
        .default(60_000, "60s"),
    )
    .addOption(
      new Option("--debounce <time>", "after a file changed, wait until none has changed for this long")
        .argParser(span(0))
        .default(300, "300ms"),
    )
    .option(
      "--keep-healing",
      "while a manifest is invalid, still put back what someone else changed or deleted of unchanged groups",
    )
    .addOption(
      new Option("--log-format <format>", "format of the log").choices(["text", "json"]).default("text"),
    )
    .addOption(
      new Option("--log-level <level>", "log messages of this level and above")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    )
    .addHelpText("after", watchExamples)
    .action(async (flags: WatchFlags) => {
      const { runWatch } = await import("./commands/watch.ts");
      set(await runWatch(flags, world));
    });
}

function makeRoot(version: string): Command {
  return new Command("reconcile")
    .description(
      "Declarative GitOps for Genesys Cloud event subscriptions: webhooks, EventBridge, workflows.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .usage("[command] [flags]")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", mainExamples)
    .addHelpText("afterAll", ({ command }) => describeExitStatus(command));
}

const mainExamples = `
Without a command, reconcile runs sync: \`reconcile sync --help\` shows its flags.

Examples:
  reconcile --sandbox              apply the manifests to the embedded Genesys Cloud
  reconcile --dry-run              show what would change, as in a pull request
  reconcile                        change Genesys Cloud to what the manifests declare
  reconcile validate               check the manifests offline
  reconcile audit log              show what was changed, when and by whom
  reconcile init                   write the first files of a repository
`;

const validateExamples = `
Examples:
  reconcile validate
  reconcile validate subscriptions/alpha.yaml --output json
  reconcile validate --output sarif > reconcile.sarif
`;

const watchExamples = `
Write times as 300ms, 60s, 5m or 1h. A pass runs at the start, after a manifest has changed, at the interval, on SIGHUP
and on POST /api/reconcile. On SIGTERM and Ctrl-C the daemon finishes the write in flight and stops. With --dry-run it
reports differences and changes nothing.

Examples:
  reconcile watch --sandbox                        then open http://127.0.0.1:9464/
  reconcile watch --interval 5m --log-format json
  RECONCILE_HTTP_TOKEN=$(openssl rand -hex 32) reconcile watch --listen 0.0.0.0:9464
`;
