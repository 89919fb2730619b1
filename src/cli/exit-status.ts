// What a command's exit status tells: one line of its help, and of the command reference.
import type { Command } from "commander";

/** Those that mean something of their own, by name. */
const own: Readonly<Record<string, string>> = {
  import: "0 success; 1 an error, or a group that no manifest can express.",
  verify: "0 unbroken; 1 broken, cut, empty or not there.",
  doctor: "0 no check failed; 1 one did.",
};

const ofPass = `0 success; 1 an error, or an operation failed or was refused;
2 with --detailed-exitcode: success, and there are or were changes; 130 interrupted.`;

/** Of the program itself it is a pass's: without a command it runs one. */
export function describeExitStatus(command: Command): string {
  const isPass =
    command.parent === null || command.options.some(({ long }) => long === "--detailed-exitcode");
  return `Exit status: ${own[command.name()] ?? (isPass ? ofPass : "0 success; 1 an error.")}`;
}
