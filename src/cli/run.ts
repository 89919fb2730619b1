// argv → command → exit status. Only this file turns an error into a message and an exit status.
import { CommanderError, type Command } from "commander";
import { nowhere } from "../model/diagnostic.ts";
import { classify, errorText } from "../model/errors.ts";
import { makeCommandResult, noTraffic } from "../model/result.ts";
import {
  readArguments,
  readErrorFlags,
  refuseForgottenValues,
  refuseFlagsOfOtherCommands,
  traitsOf,
  withSubcommands,
  type ErrorFlags,
  type Traits,
} from "./command-line.ts";
import { showAnnotations, showDiagnostics } from "../report/diagnostics.ts";
import { showJson } from "../report/json.ts";
import { plainLines } from "../lib/plain.ts";
import { hideLogins } from "../lib/url-login.ts";
import type { Output } from "../lib/output.ts";
import { columnsOf, wrap, wrapParagraphs } from "../lib/wrap.ts";
import { makeProgram } from "./program.ts";
import { refuseUnknownCommand } from "./unknown-command.ts";
import type { World } from "../app/world.ts";

/** Returns the exit status: 0, 1, 2 or 130. `onStart` gets the traits of the command before it runs. */
export async function run(world: World, onStart?: (traits: Traits) => void): Promise<number> {
  let status = 0;
  let running: Traits | null = null;
  const program = makeProgram(world, (result) => {
    status = result;
  });
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        world.stdout.write(wrapParagraphs(text, columnsOf(world.stdout)));
      },
      outputError: (text, write) => {
        write(text + explainSlip(text, command));
      },
      writeErr: (text) => {
        world.stderr.write(wrapLines(plainLines(hideLogins(text)), world.stderr));
      },
      getOutHelpWidth: () => world.stdout.columns,
    });
  }
  program.hook("preAction", (_, command) => {
    running = traitsOf(command);
    onStart?.(running);
  });
  const isNormalEnd = (): boolean => {
    const signal: unknown = world.interrupted.reason;
    return running?.isEndedBySigterm === true && signal === "SIGTERM";
  };
  try {
    const argv = readArguments(world.argv);
    refuseUnknownCommand(argv, program);
    refuseForgottenValues(argv, program);
    refuseFlagsOfOtherCommands(argv, program);
    await program.parseAsync(argv, { from: "user" });
    return world.interrupted.aborted && !isNormalEnd() ? 130 : status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    await reportFailure(error, readErrorFlags(world.argv, program), world);
    return world.interrupted.aborted ? 130 : 1;
  }
}

/** Commander names an unknown subcommand and a missing argument, but not what there is and what belongs there. */
function explainSlip(text: string, { parent, commands, registeredArguments }: Command): string {
  if (parent && commands.length > 0 && text.startsWith("error: unknown command"))
    return `(the ${commands.length === 1 ? "command is" : "commands are"} ${commands.map((one) => one.name()).join(", ")})\n`;
  const missing = registeredArguments.find((one) =>
    text.startsWith(`error: missing required argument '${one.name()}'`),
  );
  return missing ? `(<${missing.name()}> is ${missing.description})\n` : "";
}

/** Prints the error; with `--output json`, also a result on stdout, so that its reader always gets one object. */
async function reportFailure(
  error: unknown,
  { json, dryRun, verbose }: ErrorFlags,
  world: World,
): Promise<void> {
  const { code, hint } =
    error instanceof CommanderError
      ? { code: error.code.replace("commander.", "usage/"), hint: null }
      : classify(error);
  const message = hideLogins(errorText(error)).replace(/^error: /, "");
  const diagnostics = [{ severity: "error", code, message, hint, ...nowhere } as const];
  if (json) {
    const about = { dryRun, runId: world.random.id(), environment: null, owner: null, organization: null };
    world.stdout.write(showJson(makeCommandResult({ ...about, traffic: noTraffic, diagnostics })));
  }
  // Commander has already printed its own errors.
  if (!(error instanceof CommanderError)) {
    const text = await showDiagnostics(diagnostics, world.files, world.stderr);
    world.stderr.write(`${text.trimEnd()}\n`);
  }
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(diagnostics));
  if (verbose && error instanceof Error && !(error instanceof CommanderError))
    world.stderr.write(`${plainLines(error.stack ?? "")}\n`);
}

function wrapLines(text: string, output: Output): string {
  const columns = columnsOf(output);
  return text
    .split("\n")
    .map((line) => wrap(line, { columns, indent: "    " }))
    .join("\n");
}
