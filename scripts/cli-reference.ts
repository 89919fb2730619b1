// Makes the command reference, docs/cli.md, from the program's flags and help, so that it is never written by hand.
import type { Command, Option } from "commander";
import { format } from "prettier";

/** `program` comes from `makeProgram`. */
export async function makeCliReference(program: Command): Promise<string> {
  const commands = withSubcommands(program).filter((command) => command.commands.length === 0);
  const sections = commands.map((command) => showCommand(command));
  const contents = commands.map(
    (command) => `[${nameOf(command)}](#${nameOf(command).replaceAll(" ", "-")})`,
  );
  const text = [introduction, contents.join(" · "), ...sections].join("\n\n");
  return format(text, { parser: "markdown", printWidth: 120 });
}

const introduction = `<!-- Made by \`npm run docs:cli\` from the program itself: what is changed here by hand is lost. -->

# Command reference

The same as \`reconcile help COMMAND\` shows. Without a command, \`reconcile\` runs \`reconcile sync\` with the flags given.
Every command takes \`-h\`, \`--help\`; \`reconcile --version\` prints the version.`;

export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function showCommand(command: Command): string {
  const { notes, examples, exitStatus } = splitHelp(command);
  const description = command.description();
  return [
    `## ${nameOf(command)}`,
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    `\`\`\`\n${usageOf(command)}\n\`\`\``,
    ...(argumentsOf(command) === "" ? [] : [argumentsOf(command)]),
    ...(command.options.length === 0 ? ["No flags."] : [showFlags(command.options)]),
    ...notes,
    `\`\`\`sh\n${examples}\n\`\`\``,
    exitStatus,
  ].join("\n\n");
}

function usageOf(command: Command): string {
  return command.helpInformation().replace(/^Usage: ([^\n]*)[^]*$/, "$1");
}

function argumentsOf(command: Command): string {
  return command.registeredArguments
    .filter(({ description }) => description !== "")
    .map((argument) => `- \`${argument.name()}\`: ${argument.description}`)
    .join("\n");
}

function showFlags(options: readonly Option[]): string {
  const rows = options.map(
    (option) => `| \`${option.flags}\` | ${cell(meaningOf(option))} | ${cell(defaultOf(option))} |`,
  );
  return ["| flag | meaning | default |", "| --- | --- | --- |", ...rows].join("\n");
}

/** A default that is described in words stands at the end of the description. */
const wordedDefault = / \(default: (.*)\)$/;

function meaningOf({ description, argChoices }: Option): string {
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(", ")}` : "";
  return `${description.replace(wordedDefault, "")}${choices}`;
}

function defaultOf({ description, defaultValue, defaultValueDescription, negate }: Option): string {
  const worded = wordedDefault.exec(description)?.[1];
  if (worded !== undefined) return worded;
  return defaultValue === undefined || negate
    ? ""
    : `\`${defaultValueDescription ?? String(defaultValue)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

interface Help {
  readonly notes: readonly string[];
  /** The examples, one command a line. */
  readonly examples: string;
  readonly exitStatus: string;
}

/** Splits the help text below the flags into its parts. */
function splitHelp(command: Command): Help {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const below = help.slice(command.helpInformation().length).trim();
  const parts = below.split(/\n\n+/);
  const examples = parts.find((part) => /^Examples?:\n/.test(part)) ?? "";
  const exitStatus = parts.find((part) => part.startsWith("Exit status: ")) ?? "";
  return {
    notes: parts.filter((part) => part !== examples && part !== exitStatus),
    examples: examples.replace(/^Examples?:\n/, "").replace(/^ {2}/gm, ""),
    exitStatus,
  };
}
