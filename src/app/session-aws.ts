// Makes the port by which a session reaches AWS: as whom, where, and for which organisation.
import type { ConfirmedGuard } from "../genesys/client/confirm.ts";
import type { AwsPorts } from "../genesys/driver.ts";
import { shownAction } from "../aws/aws-errors.ts";
import type { AwsAccess, AwsApi } from "../model/aws-api.ts";
import type { AwsConfig } from "../model/config.ts";
import type { Log } from "../model/deps.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import { findAws } from "./find-state.ts";
import type { OrganizationPort } from "./find-organization.ts";
import type { Settings } from "./pass-settings.ts";
import type { PlatformAccess } from "./settings.ts";
import type { World } from "./world.ts";

interface Target {
  readonly settings: Pick<Settings, "config">;
  readonly platform: PlatformAccess;
}

interface Source {
  readonly world: World;
  readonly log: Log;
  readonly send: Send;
  readonly interrupted: AbortSignal;
  readonly organization: Pick<OrganizationPort, "find">;
  readonly guard: ConfirmedGuard | undefined;
  readonly readOnly: boolean;
  readonly onWait: (words: string) => void;
}

/** Throws ReconcileError as `findAws` does. */
export async function openSessionAws(
  { settings, platform }: Target,
  { world, log, organization, ...ports }: Source,
): Promise<AwsPorts> {
  const { embeddedAws = null } = platform;
  // The embedded AWS gets no credentials that a pull request could lead elsewhere.
  const config = embeddedAws ? settings.config.aws : await findAws(settings.config, world);
  const api = world.openAws(accessOf(config, embeddedAws), {
    ...ports,
    ...{ clock: world.clock, random: world.random },
    variables: world.environment,
    onRequest: ({ action, ...fields }) => {
      log("debug", shownAction({ action }), { action, ...fields });
    },
  });
  return {
    ...{ api, config, owner: settings.config.owner },
    organizationId: async () => {
      const found = await organization.find();
      if (found) return found.id;
      const message =
        "the platform does not tell which organisation this OAuth client belongs to, and event sources are named after it";
      throw new ReconcileError("organization/unknown", message, {
        hint: "allow the client GET /api/v2/tokens/me or GET /api/v2/organizations/me",
      });
    },
  };
}

function accessOf(config: AwsConfig | null, embedded: AwsAccess["embedded"]): AwsAccess {
  const { profile = null, assumeRole = null, webhooks = null } = config ?? {};
  return { profile, assumeRole, region: webhooks?.region ?? null, embedded };
}

/** Throws ReconcileError `aws/otherAccount`, and as `AwsApi.identify` does. */
export async function confirmAccount({
  api,
  config,
}: {
  readonly api: Pick<AwsApi, "identify">;
  readonly config: AwsConfig | null;
}): Promise<void> {
  if (!config?.webhooks) return;
  const { account: wanted } = config.webhooks;
  const { account, arn } = await api.identify();
  if (account === wanted) return;
  const message = `the AWS credentials belong to account ${account} (${arn}), and aws.webhooks.account is ${wanted}`;
  throw new ReconcileError("aws/otherAccount", message, {
    hint: "use credentials of that account (`aws.profile`, `aws.assumeRole`), or correct `aws.webhooks.account`; nothing was written",
  });
}
