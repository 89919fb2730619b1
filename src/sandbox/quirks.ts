// The ways in which the sandbox may differ from its usual answers.

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: empty. */
  readonly emptyNotes?: string;
  /** DELETE also accepts an integration that is enabled. Default: DELETE refuses it. */
  readonly deletesEnabled?: boolean;
  /** Several integrations may name one event source. Default: the second one is refused. */
  readonly sharesSources?: boolean;
  /**
   * How a 429 tells when to retry, where it has no `Retry-After`: `inHeaders` by `inin-ratelimit-reset`, `inWords` only in
   * its message. Default: by `Retry-After`.
   */
  readonly rateLimitTells?: "inHeaders" | "inWords";
  /** The logins a minute, whose number is not documented. Default: 300. */
  readonly loginsAMinute?: number;
  /** The organisation does not allow this machine's address: each API request is answered 401 `ip.not.authorized`. */
  readonly refusesAddress?: boolean;
  /** The scopes of the OAuth client; what is outside them is answered 403. Default: no request needs a scope. */
  readonly scopes?: readonly string[];
}
