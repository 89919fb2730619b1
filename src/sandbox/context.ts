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
