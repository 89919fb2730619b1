// Starts the embedded Genesys Cloud for a command, and keeps its state in .reconcile/sandbox.json.
import { sandboxAws, type SandboxAws } from "../sandbox/aws/aws-account.ts";
import { sandboxCredentials } from "../sandbox/context.ts";
import { sandboxOrganisation, type SandboxOrganisation } from "../sandbox/sandbox-organisation.ts";
import type { SandboxState } from "../sandbox/state.ts";
import { errorText, ReconcileError, refusalReason, systemErrorCode } from "../model/errors.ts";
import type { Config } from "../model/config.ts";
import { acquireLock, type Lock } from "../lib/lock.ts";
import { startSandbox } from "../sandbox/server.ts";
import { plain } from "../lib/plain.ts";
import type { PlatformAccess } from "./settings.ts";
import { lockFailure, requireStateDirectory, stateDirectory } from "../state/files/state-directory.ts";
import type { World } from "./world.ts";

export interface OpenSandbox {
  readonly platform: PlatformAccess;
  /** The AWS that its integrations send to, at the same address. */
  readonly aws: SandboxAws & { readonly endpointUrl: string };
  readonly organisation: SandboxOrganisation;
  /** What is live, as requests change it. */
  readonly state: SandboxState;
  close(): Promise<void>;
}

const statePath = `${stateDirectory}/sandbox.json`;
const hintOnState = ".reconcile must be a folder in which this user may write; if it is a file, remove it";

interface SandboxWish {
  readonly port: number;
  readonly writes: boolean;
  /** The id of its organisation; null for the sandbox's own. */
  readonly pinned?: string | null;
  /** What its AWS account has of its own, such as its number. */
  readonly account?: Partial<SandboxAws>;
}

/**
 * With `port` 0 the system picks a free port. With `writes` the command may change the sandbox's webhooks, so no other
 * process may serve them meanwhile. Throws ReconcileError `sandbox/unavailable`, `sandbox/inUse`,
 * `state/…`.
 */
export async function openSandbox(
  world: World,
  { port, writes, pinned = null, account = {} }: SandboxWish,
): Promise<OpenSandbox> {
  const { files, clock, random } = world;
  const onNotice = (notice: string): void => {
    world.stderr.write(`sandbox: ${plain(notice)}\n`);
  };
  const organisation = { ...sandboxOrganisation, ...(pinned === null ? {} : { id: pinned }) };
  try {
    await requireStateDirectory(files);
    const lock = writes ? await lockState(world) : null;
    const sandbox = await startSandbox({
      ...{ files, clock, random, statePath, port, organisation, aws: account },
      onNotice,
    }).catch(async (error: unknown) => {
      await lock?.release();
      throw error;
    });
    const aws = { ...sandboxAws, ...account };
    const { accessKeyId, secretAccessKey } = aws;
    return {
      platform: {
        environment: "sandbox",
        apiUrl: sandbox.url,
        tokenUrl: `${sandbox.url}/oauth/token`,
        credentials: sandboxCredentials,
        embedded: organisation,
        embeddedAws: { endpoint: sandbox.url, accessKeyId, secretAccessKey },
        proxies: {},
      },
      aws: { ...aws, endpointUrl: sandbox.url },
      ...{ organisation, state: sandbox.state },
      close: async () => {
        await sandbox.close();
        await lock?.release();
      },
    };
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    const code = systemErrorCode(cause);
    const what =
      code === undefined ? errorText(cause) : `${statePath} cannot be used: ${refusalReason(code)}`;
    const more = code === undefined ? {} : { hint: hintOnState };
    throw new ReconcileError("sandbox/unavailable", what, { cause, ...more });
  }
}

/** Each process that serves the webhooks holds them in memory, so two would undo each other's changes. */
async function lockState({ files, clock, processes }: World): Promise<Lock> {
  const directory = stateDirectory;
  const where = { files, clock, processes, directory, name: "sandbox-lock" };
  const locked = await acquireLock({ ...where, task: "sandbox", waitMs: 0 }).catch((cause: unknown) => {
    throw lockFailure(cause, directory);
  });
  if (locked.ok) return locked.lock;
  const who = locked.holder ? `process ${locked.holder.pid} on ${locked.holder.host}` : "another process";
  throw new ReconcileError("sandbox/inUse", `${who} already serves the sandbox of this folder`, {
    hint: "use that sandbox, with the variables that it printed, or end that process",
  });
}

/** The embedded AWS is the account of the config, in which its connections exist. */
export function accountOf({ aws }: Pick<Config, "aws">): Partial<SandboxAws> {
  if (!aws?.webhooks) return {};
  const { account, connections } = aws.webhooks;
  return { account, connections: connections.map(({ arn }) => arn) };
}
