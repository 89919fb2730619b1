// Runs the real `sync` as one process of a machine.
import { openAws } from "../../../src/aws/open-aws.ts";
import { builtInDrivers } from "../../../src/kinds/drivers.ts";
import { builtInKinds } from "../../../src/kinds/registry.ts";
// Loaded beforehand: the first pass shall not wait for it, in real time, while simulated time stands still.
import "../../../src/cli/commands/pass.ts";
import { run } from "../../../src/cli/run.ts";
import type { World } from "../../../src/app/world.ts";
import type { Send } from "../../../src/model/http.ts";
import type { SharedStore } from "../../../src/state/shared-store.ts";
import type { MemoryFiles } from "../../support/memory-files.ts";
import { noService } from "../../support/world.ts";
import type { Dice } from "../dice.ts";
import type { Timeline } from "../timeline.ts";
import { sendFrom } from "./network.ts";
import type { Place } from "./place.ts";
import type { Sleeper } from "./sleeper.ts";
import type { Town } from "./town.ts";

export interface Machine {
  readonly name: string;
  readonly index: number;
  readonly files: MemoryFiles;
  /** How much its wall clock is ahead. */
  readonly skewMs: number;
  /** How many it has started. */
  passes: number;
}

/** What a test spoils, to see that a check notices. */
export interface Sabotage {
  /** As the store itself is, behind every await of the process. */
  readonly within?: (store: SharedStore) => SharedStore;
  readonly store?: (store: SharedStore, sleeper: Sleeper) => SharedStore;
  /** Where the machine that sleeps is held, for so long that another one follows it. */
  readonly hold?: RegExp;
  readonly send?: (send: Send, sleeper: Sleeper) => Send;
}

export interface PassPorts {
  readonly dice: Dice;
  readonly timeline: Timeline;
  readonly place: Place;
  readonly town: Town;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly sabotage: Sabotage;
  /** The share of requests that meet a fault. */
  readonly faultRate: number;
  readonly tell: (words: string) => void;
  /** Called for each write that the last check keeps from leaving. */
  readonly onStopped: () => void;
}

/** Returns the exit status and what it says on stdout. */
export async function runPass(
  machine: Machine,
  sleeper: Sleeper,
  ports: PassPorts,
): Promise<{ readonly status: number; readonly out: string }> {
  const said: string[] = [];
  const status = await run(makeWorld(machine, sleeper, { ...ports, say: (text) => void said.push(text) }));
  return { status, out: said.join("") };
}

function makeWorld(
  machine: Machine,
  sleeper: Sleeper,
  ports: PassPorts & { readonly say: (text: string) => void },
): World {
  const { dice, place, credentials, sabotage, say } = ports;
  const output: World["stdout"] = {
    write: () => undefined,
    flushed: () => Promise.resolve(true),
    ...{ isTerminal: false, colours: false, columns: 100 },
  };
  const none = (what: string) => () => Promise.reject(new Error(`these machines have no ${what}`));
  const ids = dice.fork();
  return {
    stdin: { isTerminal: false, readLine: () => Promise.resolve(null) },
    ...{ kinds: builtInKinds, openDrivers: () => Promise.resolve(builtInDrivers), clock: sleeper.clock },
    openStore: async () => {
      const store = await place.openStore(machine.index, sleeper);
      return sabotage.store?.(store, sleeper) ?? store;
    },
    argv: ["sync", "--output", "json"],
    environment: {
      GENESYS_CLIENT_ID: credentials.clientId,
      GENESYS_CLIENT_SECRET: credentials.clientSecret,
    },
    random: { next: () => ids.next(), id: () => `run${String(ids.below(1e9)).padStart(9, "0")}` },
    files: place.filesOf(machine.files, sleeper),
    openSend: () => {
      const send = sendFrom(sleeper, {
        ...ports,
        // Over files nothing ends a write before the lock may be followed, so that only the platform's haste helps.
        withinMs: place.store === "files" ? 3_500 : Infinity,
      });
      return sabotage.send?.(send, sleeper) ?? send;
    },
    ...{ interrupted: new AbortController().signal, stderr: output, stdout: { ...output, write: say } },
    openLog: () => Promise.resolve(() => undefined),
    provenance: () => Promise.resolve({ actor: machine.name, commit: null, provenance: {} }),
    repository: () => Promise.resolve({ name: "two-machines", branch: null, folder: "", hasOrigin: false }),
    ...{
      workingTree: none("Git"),
      fetchRevision: none("Git"),
      findAncestry: none("Git"),
      openRevision: none("Git"),
    },
    checkStore: none("doctor"),
    openAws,
    stateRemote: {
      leadsToOrigin: () => Promise.resolve(false),
      askWithoutLogin: () => Promise.resolve(null),
    },
    ...{ version: "0.0.0", nodeVersion: "20.19.0", service: noService },
    processes: processesOf(machine, place),
  };
}

/** On one disk the processes are of one machine, or of two containers that cannot see each other's. */
function processesOf({ name, index, passes }: Machine, { isOneMachine }: Place): World["processes"] {
  const pid = 10 * (index + 1) + passes;
  return { pid, host: name, machine: isOneMachine ? "here" : name, isAlive: () => true };
}
