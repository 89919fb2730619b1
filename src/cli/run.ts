// argv → command → exit status. The one place that turns errors into words and a status.
import { type Command, CommanderError } from "commander";
import { nowhere } from "../model/diagnostic.ts";
import { classify, errorText } from "../model/errors.ts";
import { emptyPlan, makeResult, noTraffic } from "../model/result.ts";
import { showAnnotations } from "../report/diagnostics.ts";
import { showJson } from "../report/json.ts";
import { hideLogins, plain, plainLines } from "../lib/plain.ts";
import { refusePlanFlags } from "./plan-program.ts";
import { makeProgram, refuseUnknownCommand } from "./program.ts";
import type { World } from "../app/world.ts";

/** The exit status of the contract: 0, 1, 2 or 130. */
export async function run(world: World): Promise<number> {
  let status = 0;
  const program = makeProgram(world, (result) => {
    status = result;
  });
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        world.stdout.write(text);
      },
      writeErr: (text) => {
        world.stderr.write(plainLines(hideLogins(text)));
      },
      getOutHelpWidth: () => world.stdout.columns,
    });
  }
  try {
    refuseUnknownCommand(world.argv, program);
    refusePlanFlags(world.argv, program);
    await program.parseAsync(world.argv, { from: "user" });
    return world.interrupted.aborted && !isStopped(world) ? 130 : status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    reportFailure(error, world);
    return world.interrupted.aborted ? 130 : 1;
  }
}

/** To be stopped is a daemon's normal end. */
function isStopped({ argv, interrupted }: World): boolean {
  const signal: unknown = interrupted.reason;
  return argv[0] === "watch" && signal === "SIGTERM";
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Also for JSON readers: one object on stdout in every outcome. */
function reportFailure(error: unknown, world: World): void {
  const { code, hint } =
    error instanceof CommanderError
      ? { code: error.code.replace("commander.", "usage/"), hint: null }
      : classify(error);
  const message = hideLogins(errorText(error)).replace(/^error: /, "");
  const diagnostics = [{ severity: "error", code, message, hint, ...nowhere } as const];
  if (wantsJson(world.argv)) {
    const run = { dryRun: isDryRun(world.argv), runId: world.random.id(), traffic: noTraffic, diagnostics };
    world.stdout.write(showJson(makeResult(emptyPlan, run)));
  }
  // Commander has already said what is wrong with the command line.
  if (!(error instanceof CommanderError)) {
    world.stderr.write(`error: ${plain(message)}\n${hint === null ? "" : `  = ${plain(hint)}\n`}`);
  }
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(diagnostics));
  const verbose = world.argv.includes("-v") || world.argv.includes("--verbose");
  if (verbose && error instanceof Error && !(error instanceof CommanderError))
    world.stderr.write(`${plainLines(error.stack ?? "")}\n`);
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) => word === "--output=json" || (word === "--output" && argv[at + 1] === "json"),
  );
}

function isDryRun(argv: readonly string[]): boolean {
  return argv.includes("--dry-run") || argv[0] === "plan" || argv[0] === "validate";
}
