// What the caller hands to the sandbox: the time, identifiers, and the credentials that get a token.
import type { Random } from "../lib/random.ts";

export interface SandboxContext {
  readonly nowMs: number;
  /** Only its `id` is used: for a correlation id a request, and for each new token or resource. */
  readonly random: Pick<Random, "id">;
  /** Default: `sandboxCredentials`. */
  readonly credentials?: SandboxCredentials;
  /** Default: a day, like on the platform. */
  readonly tokenLifeSeconds?: number;
  /** Default: none. */
  readonly quirks?: SandboxQuirks;
}

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: empty. */
  readonly emptyNotes?: string;
  /** DELETE also accepts an integration that is enabled. Default: DELETE refuses it. */
  readonly deletesEnabled?: boolean;
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
