// Describes what a command's exit status means, for its help and for the command reference.
import type { Command } from "commander";

/** By the name of a command whose status differs from the others'. */
const statusByCommand: Readonly<Record<string, string>> = {
  import: "0 success; 1 an error, or a group that no manifest can express.",
  verify: "0 the chain is unbroken; 1 the trail is broken, cut, empty or missing.",
  test: "0 the event would start the workflow; 1 it would not, or an error.",
  doctor: "0 no check failed; 1 a check failed.",
};

const statusOfPass = `0 success; 1 an error, or an operation failed or was refused;
2 with --detailed-exitcode: success, and there are changes or orphans (plan), or
were changes (sync); 130 interrupted.`;

/** The program itself has the status of a pass, because without a command it runs one. */
export function describeExitStatus(command: Command): string {
  const isPass =
    command.parent === null || command.options.some(({ long }) => long === "--detailed-exitcode");
  return `Exit status: ${statusByCommand[command.name()] ?? (isPass ? statusOfPass : "0 success; 1 an error.")}`;
}
