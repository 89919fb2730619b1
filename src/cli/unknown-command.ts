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
  const known = program.commands.map((command) => command.name());
  const begun = known.filter((name) => word.length >= 3 && name.startsWith(word));
  const nearest = findNearest(word, known) ?? (begun.length === 1 ? begun[0] : undefined);
  const way = ways.get(word.toLowerCase());
  const hint = way !== undefined ? ` (${way})` : nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return `error: unknown command "${word}"${hint}; the commands are ${known.join(", ")} (see reconcile --help)`;
}

const plan = "`reconcile plan` shows what a sync would do";
const undo = "`reconcile rollback --last` undoes the last run";
const remove =
  "`reconcile sync --prune` deletes what no manifest declares any more, and `reconcile rollback` undoes a run";
const daemon = "`reconcile watch` is the daemon";
const apply = "`reconcile sync` plans and applies";
const check = "`reconcile validate` checks the manifests";
const log = "`reconcile audit log` shows what was changed";

/** The words of other programs, and the command that does here what they do there. */
const ways: ReadonlyMap<string, string> = new Map([
  ...["diff", "preview", "dry-run"].map((word) => [word, plan] as const),
  ...["destroy", "delete", "remove", "prune"].map((word) => [word, remove] as const),
  ...["undo", "revert"].map((word) => [word, undo] as const),
  ...["run", "up", "deploy", "push"].map((word) => [word, apply] as const),
  ...["daemon", "serve", "start"].map((word) => [word, daemon] as const),
  ...["lint", "check"].map((word) => [word, check] as const),
  ...["log", "logs", "history"].map((word) => [word, log] as const),
  ["verify", "`reconcile audit verify` checks the audit trail"],
  ["pull", "`reconcile catalog pull` fetches the event types"],
]);
