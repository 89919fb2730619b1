// `reconcile sandbox`: its name, flags and help.
import { type Command, InvalidArgumentError } from "commander";
import { isHost, parseWay, type Way } from "../sandbox/deliver/ways.ts";
import type { World } from "../app/world.ts";
import type { SandboxFlags } from "./commands/sandbox.ts";
import { withTraits } from "./command-line.ts";
import { wholeNumber } from "./flags.ts";

/** `set` receives the exit status of the command that ran. */
export function addSandbox(program: Command, world: World, set: (status: number) => void): void {
  // The sandbox sends no request to the platform, so it has no writes to finish.
  withTraits(program.command("sandbox"), { interruptMessage: "\nStopping\n" })
    .description("serve the embedded Genesys Cloud on a loopback port until Ctrl-C")
    .option("--port <n>", "port to listen on (default: any free port)", wholeNumber(0, 65_535))
    .option("--aws", "print the variables that reach the embedded AWS, too")
    .option("--deliver", "make events of the subscribed event types, and send them to where --route leads")
    .option("--traffic <n>", "with --deliver: events a second (default: 1)", rate)
    .option("--route <from=to...>", "with --deliver: where an endpoint, an origin or a host leads", ways)
    .option("--deliver-to <host...>", "with --deliver: hosts that get their events as they are", hosts)
    .addHelpText("after", sandboxNotes)
    .action(async (flags: Partial<SandboxFlags>) => {
      const { runSandbox } = await import("./commands/sandbox.ts");
      set(await runSandbox({ port: 0, ...flags }, world));
    });
}

const mostTraffic = 1_000;

function rate(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= mostTraffic) return value;
  throw new InvalidArgumentError(`Give a number above 0, at most ${mostTraffic}.`);
}

function ways(text: string, before: readonly Way[] = []): readonly Way[] {
  const way = parseWay(text);
  if (typeof way === "string") throw new InvalidArgumentError(`It ${way}.`);
  return [...before, way];
}

function hosts(text: string, before: readonly string[] = []): readonly string[] {
  if (!isHost(text))
    throw new InvalidArgumentError("Give a host, with or without a port: hooks.example.com.");
  return [...before, text];
}

const sandboxNotes = `
When it is ready, the sandbox prints the variables for reaching it, one NAME=value a line. It keeps its resources in
.reconcile/sandbox.json: to start anew, stop it and delete that file.

With --deliver it makes events of the event types that webhooks and EventBridge integrations ask for, and posts them to the
endpoints in EventBridge's envelope, with the header reconcile-test: 1. The embedded AWS delivers by its rules, repeats as
EventBridge does, and keeps in a queue what could not be delivered; webhooks repeat as their retry policy says. An event is
sent to this machine, where a route leads, and to the hosts of --deliver-to; what goes nowhere is named and not sent. FROM of a
route is an endpoint's URL, which TO then replaces, or an origin or a host, whose paths are kept; the longest one counts.

Examples:
  reconcile sandbox --port 4780 > sandbox.env
  env $(cat sandbox.env) reconcile plan        run this in another terminal
  reconcile sandbox --aws --deliver --traffic 5 --route hooks.example.com=http://127.0.0.1:8080 > sandbox.env
`;
