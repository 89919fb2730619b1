// Reads a command line by the program's declarations, also one with a mistake in it: which command it names, whether it
// asks for JSON, a dry run or more output, and whether it uses another command's flags or leaves a flag's value out. The only flags named here are
// `--output`, `--dry-run` and `-v`.
import { Command, Option } from "commander";
import { joinWords } from "../lib/join-words.ts";

/** The properties that a command declares beside its flags. Subcommands inherit each value. */
export interface Traits {
  /** The command never changes anything: it is always a dry run. */
  readonly isDryRun: boolean;
  /**
   * Printed when a signal interrupts the command. Null: the process ends at once, because no write can be cut short.
   */
  readonly interruptMessage: string | null;
  /** SIGTERM is the normal way to end the command. */
  readonly isEndedBySigterm: boolean;
  /** Adds advice to the error for a flag that only the named commands have; null adds none. */
  readonly explainFlag: (flag: string, commandsWithFlag: readonly string[]) => string | null;
}

export const finishesWrites =
  "\nInterrupted: finishing the writes in flight (interrupt again to end at once)\n";

const defaultTraits: Traits = {
  isDryRun: false,
  interruptMessage: finishesWrites,
  isEndedBySigterm: false,
  explainFlag: () => null,
};

const declared = new WeakMap<Command, Partial<Traits>>();

/** Returns the command. A trait that is left out keeps the parent command's value, or the default. */
export function withTraits(command: Command, traits: Partial<Traits>): Command {
  declared.set(command, traits);
  return command;
}

export function traitsOf(command: Command): Traits {
  return { ...(command.parent ? traitsOf(command.parent) : defaultTraits), ...declared.get(command) };
}

/** The command that runs when the command line names none. */
export const defaultCommand = "sync";

/** A lone `-v` prints the version, as in most programs: a person who means that must not start a sync. */
export function readArguments(argv: readonly string[]): readonly string[] {
  return argv.length === 1 && argv[0] === "-v" ? ["--version"] : argv;
}

/** The flags that decide how an error is reported. */
export interface ErrorFlags {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** Reads the flags even if the command line is refused, or the command does not have the flag. */
export function readErrorFlags(argv: readonly string[], program: Command): ErrorFlags {
  const { command, words } = findCommand(argv, program);
  const allOptions = withSubcommands(program).flatMap(({ options }) => options);
  const { output, dryRun, verbose } = readFlags(words, [...command.options, ...allOptions]).values;
  return {
    json: output === "json",
    dryRun: traitsOf(command).isDryRun || dryRun === true,
    verbose: verbose === true,
  };
}

/** Called before commander parses: it would only call the flag unknown, and not name the commands that have it. */
export function refuseFlagsOfOtherCommands(argv: readonly string[], program: Command): void {
  const { command, words } = findCommand(argv, program);
  const { operands, unknown } = readFlags(words, command.options);
  const isHelp = operands[0] === "help" || unknown.some((word) => word === "-h" || word === "--help");
  const flag = unknown[0]?.split("=")[0] ?? "";
  if (isHelp || hasFlag(program, flag)) return;
  const commandsWithFlag = withSubcommands(program)
    .filter((other) => hasFlag(other, flag))
    .map(fullName);
  if (commandsWithFlag.length === 0) return;
  const have = commandsWithFlag.length === 1 ? "has" : "have";
  const whose = `${joinWords(commandsWithFlag, "and")} ${have} it, ${fullName(command)} does not`;
  const advice = traitsOf(command).explainFlag(flag, commandsWithFlag);
  program.error(`error: unknown option '${flag}': ${whose}${advice === null ? "" : `; ${advice}`}`, {
    code: "commander.unknownOption",
  });
}

/**
 * Called before commander parses: it would read the next flag as the value, so that `--adopt-from --dry-run` would write.
 * A value that begins with a dash is one only behind a `=`.
 */
export function refuseForgottenValues(argv: readonly string[], program: Command): void {
  const { command, words } = findCommand(argv, program);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (helpAndEnd.includes(word)) return;
    const option = command.options.find(
      ({ required, short, long }) => required && [short, long].includes(word),
    );
    if (!option) continue;
    at += 1;
    const next = words[at];
    if (next !== undefined && !/^-./.test(next)) continue;
    const before =
      next === undefined
        ? ""
        : ` before '${next}' (write a value that begins with a dash as ${word}=-VALUE)`;
    program.error(`error: option '${option.flags}': the value is missing${before}`, {
      code: "commander.optionMissingArgument",
    });
  }
}

/** Behind `--` there are no flags, and help goes before a mistake that follows it. */
const helpAndEnd = ["-h", "--help", "--"];

export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The name without the program's: `audit log`. */
function fullName(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${fullName(parent)} ${command.name()}` : command.name();
}

function hasFlag({ options }: Command, flag: string): boolean {
  return options.some(({ short, long }) => short === flag || long === flag);
}

/** Returns the command, and the words after its name. */
function findCommand(
  words: readonly string[],
  within: Command,
): { readonly command: Command; readonly words: readonly string[] } {
  const [name, ...rest] = words;
  const named = within.commands.find((command) => command.name() === name);
  if (named) return findCommand(rest, named);
  const fallback = within.commands.find((command) => command.name() === defaultCommand);
  return { command: fallback ?? within, words };
}

/** Reads flags as commander does, but checks no value. If several options share a name, the first one counts. */
function readFlags(words: readonly string[], options: readonly Option[]) {
  const reader = new Command().exitOverride().configureOutput({ outputError: () => undefined });
  for (const option of options) {
    const spellings = [option.short, option.long].filter((flag) => flag !== undefined);
    const isTaken = spellings.some((flag) => hasFlag(reader, flag));
    if (!isTaken) reader.addOption(new Option(option.flags));
  }
  let read: Pick<ReturnType<Command["parseOptions"]>, "operands" | "unknown"> = {
    operands: [],
    unknown: [],
  };
  try {
    read = reader.parseOptions([...words]);
  } catch {
    // The last word is a flag without its value; commander has read the words before it.
  }
  return { ...read, values: reader.opts<Readonly<Record<string, unknown>>>() };
}
