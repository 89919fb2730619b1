// What the sandbox is told from outside: the time, identifiers, and who may ask for a token.
import type { Random } from "../lib/random.ts";

export interface SandboxContext {
  readonly nowMs: number;
  /** Only its `id` is used: a correlation id a request, and one for each new token or webhook. */
  readonly random: Pick<Random, "id">;
  /** Default: `sandboxCredentials`. */
  readonly credentials?: SandboxCredentials;
  /** Default: a day, as the platform's. */
  readonly tokenLifeSeconds?: number;
  /** Default: none. */
  readonly quirks?: SandboxQuirks;
}

/** Answers that the vendor's own sources tell of, and that not every organisation gives. */
export interface SandboxQuirks {
  /** What an integration's empty notes read as. Default: as they are. */
  readonly emptyNotes?: string;
  /** DELETE also takes an integration that is switched on. Default: it is refused. */
  readonly deletesEnabled?: boolean;
}

export interface SandboxCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What the sandbox accepts unless told otherwise. Public on purpose: it guards nothing. */
export const sandboxCredentials: SandboxCredentials = {
  clientId: "sandbox",
  clientSecret: "sandbox-secret",
};
