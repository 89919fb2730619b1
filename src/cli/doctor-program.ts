// `reconcile doctor`: its name, flags and help.
import type { Command } from "commander";
import type { DoctorFlags } from "../doctor/look.ts";
import { withTraits } from "./command-line.ts";
import { configOption, outputOption } from "./flags.ts";
import type { World } from "../app/world.ts";

/** `set` receives the exit status of the command that ran. */
export function addDoctor(program: Command, world: World, set: (status: number) => void): void {
  withTraits(program.command("doctor"), { farewell: null })
    .description(
      "check credentials, region, permissions, clock, resources, endpoints, disk; say what to do",
    )
    .addOption(configOption())
    .addOption(outputOption())
    .option("--skip-endpoints", "ask no endpoint whether it is there")
    .option("--sandbox", "check against the embedded Genesys Cloud")
    .option("-v, --verbose", "log each request")
    .addHelpText("after", doctorExamples)
    .action(async (flags: DoctorFlags) => {
      const { runDoctor } = await import("./commands/doctor.ts");
      set(await runDoctor(flags, world));
    });
}

const doctorExamples = `
It reads and changes nothing, but for a file that it makes and removes to see whether it may. Of https endpoints, each
host is asked once, with OPTIONS /, whether anybody answers; that is seen from here, and not from Genesys Cloud.

Examples:
  reconcile doctor
  reconcile doctor --skip-endpoints --output json
  reconcile doctor --sandbox
`;
