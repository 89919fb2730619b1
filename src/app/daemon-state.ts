// The state of a daemon: the lease under which one of several daemons is at work, and the trail that its page shows.
import type { Config } from "../model/config.ts";
import { isCode, ReconcileError } from "../model/errors.ts";
import type { LockHolder } from "../lib/lock-file.ts";
import type { StatePaths } from "../state/state.ts";
import { withLease } from "../state/files/state-directory.ts";
import { withDaemonLease } from "../state/shared/daemon-lease.ts";
import { makeLeasePorts } from "./lease-ports.ts";
import { findStore } from "./open-store.ts";
import { findClient, openState, type StateFlags } from "./open-state.ts";
import { readEnvironment } from "./environment.ts";
import { statePaths } from "./pass-settings.ts";
import type { World } from "./world.ts";

/** Waits until this is the daemon at work, and runs the action as such. */
export type HoldLease = (
  told: WhileWaiting,
  action: (stopped: AbortSignal) => Promise<void>,
) => Promise<void>;

export interface WhileWaiting {
  /** Another daemon is at work; null if it is not known which one. */
  readonly onWait: (holder: LockHolder | null) => void;
  /** The shared store does not answer or refuses, so that no daemon can be at work; called again after each try. */
  readonly onAway: (error: ReconcileError) => void;
}

export interface DaemonState {
  readonly isShared: boolean;
  readonly hold: HoldLease;
  /** The files of the state as the last pass has left them; null while no pass has told whose organisation it is. */
  readonly findPaths: () => Promise<StatePaths | null>;
}

/** A store that does not answer is asked again after this time. */
const pauseMs = 5_000;

/** Throws ReconcileError `state/notForWatch` for the Git store, and others `state/…`. */
export async function openDaemonState(
  config: Config,
  flags: StateFlags,
  world: World,
): Promise<DaemonState> {
  const environment = await readEnvironment(world.environment, world.files);
  const choice = flags.sandbox ? null : await findStore(config, environment.variables, world);
  if (choice === null) {
    const paths = statePaths(config, flags.sandbox === true);
    return {
      isShared: false,
      hold: ({ onWait }, action) => withLease(world, onWait, action),
      findPaths: () => Promise.resolve(paths),
    };
  }
  if (choice.state.store === "git")
    throw new ReconcileError(
      "state/notForWatch",
      "a daemon cannot keep its state in Git: each sign of life would be a push",
      {
        hint: "set `state.store` to postgres, or run `reconcile sync` in CI instead of the daemon",
      },
    );
  // A store that is refused ends the daemon at its start.
  await (await world.openStore(choice)).close();
  // Daemons that cannot log in yet exclude each other, too.
  const found = (await findClient(config, world)) ?? { environment: config.environment, clientId: "" };
  const client = { ...found, owner: config.owner };
  return {
    isShared: true,
    hold: async ({ onWait, onAway }, action) => {
      try {
        // It is opened anew each time, with the secret that counts then.
        const store = await world.openStore(choice);
        const ports = makeLeasePorts(config, world);
        try {
          await withDaemonLease({ store, client }, { ports, onWait }, action);
        } finally {
          await store.close();
        }
      } catch (error) {
        if (!mayPass(error)) throw error;
        onAway(error);
        await world.clock.sleep(pauseMs, world.interrupted).catch(() => undefined);
      }
    },
    findPaths: makeFindPaths(config, flags, world),
  };
}

/** A store that does not answer may come back; so may the file of its secret, which is being replaced. */
function mayPass(error: unknown): error is ReconcileError {
  if (!(error instanceof ReconcileError)) return false;
  return isCode(error, "state/unreachable", "state/refused") || error.code.startsWith("secret/");
}

/** The store is asked until it knows the organisation, which the first pass tells it. */
function makeFindPaths(config: Config, flags: StateFlags, world: World): DaemonState["findPaths"] {
  let found: StatePaths | null = null;
  return async () => {
    if (found) return found;
    try {
      const { state, close } = await openState(config, flags, world);
      await close();
      return (found = state.paths);
    } catch (error) {
      if (error instanceof ReconcileError) return null;
      throw error;
    }
  };
}
