// What the program's declarations say of a command line, also of one with a slip in it: which command it is, what it
// asks for, and whose flags it uses. Nothing here knows a command or a flag of its own but `--output`, `--dry-run`, `-v`.
import { Command, Option } from "commander";
import { joinWords } from "../lib/join-words.ts";

/** What a command's declaration says beside its flags. Each holds for its subcommands, too. */
export interface Traits {
  /** It never changes anything: it is a dry run without being asked for one. */
  readonly isDryRun: boolean;
  /** What is said when a signal asks it to end. Null: it ends at once, for it writes nothing that could be cut in two. */
  readonly farewell: string | null;
  /** To be stopped by SIGTERM is its normal end. */
  readonly isEndedBySigterm: boolean;
  /** What else to say of a flag that only the commands of these names have; null where that is all. */
  readonly explainFlag: (flag: string, holders: readonly string[]) => string | null;
}

const usual: Traits = {
  isDryRun: false,
  farewell: "\nInterrupted: finishing the writes in flight (once more ends at once)\n",
  isEndedBySigterm: false,
  explainFlag: () => null,
};

const declared = new WeakMap<Command, Partial<Traits>>();

/** Returns the command; what is left out is as usual. */
export function withTraits(command: Command, traits: Partial<Traits>): Command {
  declared.set(command, traits);
  return command;
}

export function traitsOf(command: Command): Traits {
  return { ...(command.parent ? traitsOf(command.parent) : usual), ...declared.get(command) };
}

/** The command that runs where none is named. */
export const defaultCommand = "sync";

export interface Wishes {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** What is asked for, also by a command line that is refused, and by a flag that the command does not have. */
export function readWishes(argv: readonly string[], program: Command): Wishes {
  const { command, words } = findCommand(argv, program);
  const others = withSubcommands(program).flatMap(({ options }) => options);
  const { output, dryRun, verbose } = readFlags(words, [...command.options, ...others]).values;
  return {
    json: output === "json",
    dryRun: traitsOf(command).isDryRun || dryRun === true,
    verbose: verbose === true,
  };
}

/** Before commander calls a flag unknown that another command has. */
export function refuseOthersFlags(argv: readonly string[], program: Command): void {
  const { command, words } = findCommand(argv, program);
  const { operands, unknown } = readFlags(words, command.options);
  const isHelp = operands[0] === "help" || unknown.some((word) => word === "-h" || word === "--help");
  const flag = unknown[0]?.split("=")[0] ?? "";
  const isAnybodys = hasFlag(program, flag);
  if (isHelp || isAnybodys) return;
  const holders = withSubcommands(program)
    .filter((one) => hasFlag(one, flag))
    .map(fullName);
  if (holders.length === 0) return;
  const have = holders.length === 1 ? "has" : "have";
  const whose = `${joinWords(holders, "and")} ${have} it, ${fullName(command)} does not`;
  const more = traitsOf(command).explainFlag(flag, holders);
  program.error(`error: unknown option '${flag}': ${whose}${more === null ? "" : `; ${more}`}`, {
    code: "commander.unknownOption",
  });
}

export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Without the program's own name: `audit log`. */
function fullName(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${fullName(parent)} ${command.name()}` : command.name();
}

function hasFlag({ options }: Command, flag: string): boolean {
  return options.some(({ short, long }) => short === flag || long === flag);
}

/** The command, and the words behind its name. */
function findCommand(
  words: readonly string[],
  within: Command,
): { readonly command: Command; readonly words: readonly string[] } {
  const [name, ...rest] = words;
  const named = within.commands.find((command) => command.name() === name);
  if (named) return findCommand(rest, named);
  const usually = within.commands.find((command) => command.name() === defaultCommand);
  return { command: usually ?? within, words };
}

/** As commander reads them, whatever their values are; of several flags of one name the first counts. */
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
    // The last word is a flag without its value. What stands before it has been read.
  }
  return { ...read, values: reader.opts<Readonly<Record<string, unknown>>>() };
}
