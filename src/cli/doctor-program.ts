// `reconcile doctor`: its name, flags and help.
import type { Command } from "commander";
import type { DoctorFlags } from "../doctor/look.ts";
import { withTraits } from "./command-line.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addDoctor(program: Command, world: World, set: (status: number) => void): void {
  withTraits(program.command("doctor"), { interruptMessage: null })
    .description(
      "check credentials, region, permissions, clock, resources, endpoints, disk and store; show what to do",
    )
    .addOption(configOption())
    .addOption(outputOption())
    .option("--skip-endpoints", "send no request to the endpoints")
    .option("--sandbox", "check against the embedded Genesys Cloud")
    .option("-v, --verbose", "log each request")
    .addHelpText("after", doctorExamples)
    .action(async (flags: DoctorFlags) => {
      const { runDoctor } = await import("./commands/doctor.ts");
      set(await runDoctor(flags, world));
    });
}

const doctorExamples = `
Doctor changes nothing. To test the disk it creates a file and removes it again. It sends one OPTIONS / request to each
host of the https endpoints. That shows whether this machine reaches the host, not whether Genesys Cloud does.
It reads the store that \`state\` in the config names, and changes nothing there: it asks a Git remote whether it would take a
push, and whether it answers without a login.

Examples:
  reconcile doctor
  reconcile doctor --skip-endpoints --output json
  reconcile doctor --sandbox
`;
