// Refuses a command line whose first word is no command, and names the command that was probably meant.
import type { Command } from "commander";
import { findNearest } from "../lib/did-you-mean.ts";

/** Called before commander reads the flags: it would report an unknown flag instead of the unknown command. */
export function refuseUnknownCommand(argv: readonly string[], program: Command): void {
  const word = argv[0] === "help" ? argv[1] : argv[0];
  const isKnown = word === "help" || program.commands.some((command) => command.name() === word);
  if (word !== undefined && !word.startsWith("-") && !isKnown) program.error(unknownCommand(word, program));
}

export function unknownCommand(word: string, program: Command): string {
  const names = program.commands.map((command) => command.name()).join(", ");
  const nearest = findNearest(
    word,
    program.commands.map((command) => command.name()),
  );
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return `error: unknown command "${word}"${hint}; the commands are ${names} (see reconcile --help)`;
}
