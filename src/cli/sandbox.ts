// The embedded Genesys Cloud, started for a command: its state lasts in .reconcile/sandbox.json.
import { sandboxCredentials } from "../sandbox/context.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { startSandbox } from "../sandbox/server.ts";
import type { Platform } from "./settings.ts";
import type { World } from "./world.ts";

export interface OpenSandbox {
  readonly platform: Platform;
  close(): Promise<void>;
}

const statePath = ".reconcile/sandbox.json";
const hintOnState = ".reconcile must be a folder in which this user may write; if it is a file, remove it";

/** `port` 0 takes a free one. Throws ReconcileError `sandbox/unavailable`. */
export async function openSandbox(world: World, { port }: { readonly port: number }): Promise<OpenSandbox> {
  const { files, clock, random } = world;
  const onNotice = (notice: string): void => {
    world.stderr.write(`sandbox: ${notice}\n`);
  };
  const sandbox = await startSandbox({ files, clock, random, statePath, port, onNotice }).catch(
    (cause: unknown) => {
      const code = systemErrorCode(cause);
      const what =
        code === undefined ? errorText(cause) : `${statePath} cannot be used: the system says ${code}`;
      const more = code === undefined ? {} : { hint: hintOnState };
      throw new ReconcileError("sandbox/unavailable", what, { cause, ...more });
    },
  );
  return {
    platform: {
      environment: "sandbox",
      apiUrl: sandbox.url,
      tokenUrl: `${sandbox.url}/oauth/token`,
      credentials: sandboxCredentials,
    },
    close: () => sandbox.close(),
  };
}
