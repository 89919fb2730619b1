// The sandbox's context, which its caller supplies: the time, identifiers, and the credentials that get a token.
import type { Random } from "../lib/random.ts";
import type { SandboxAws } from "./aws/aws-account.ts";
import type { SandboxOrganisation } from "./sandbox-organisation.ts";
import type { SandboxQuirks } from "./quirks.ts";
import type { SandboxResource } from "./resource.ts";

export interface SandboxContext {
  readonly nowMs: number;
  /** Only its `id` is used: for a correlation id a request, and for each new token or resource. */
  readonly random: Pick<Random, "id">;
  /** Default: `sandboxCredentials`. */
  readonly credentials?: SandboxCredentials;
  /** Default: `sandboxOrganisation`. */
  readonly organisation?: SandboxOrganisation;
  /** Default: `sandboxAws`, of which it replaces single fields. */
  readonly aws?: Partial<SandboxAws>;
  /** Default: a day, like on the platform. */
  readonly tokenLifeSeconds?: number;
  /** Default: webhooks, integrations and triggers. */
  readonly resources?: readonly SandboxResource[];
  /** Default: none. */
  readonly quirks?: SandboxQuirks;
}

export interface SandboxCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The credentials that the sandbox accepts by default. They are public on purpose, because they protect nothing. */
export const sandboxCredentials: SandboxCredentials = {
  clientId: "sandbox",
  clientSecret: "sandbox-secret",
};
