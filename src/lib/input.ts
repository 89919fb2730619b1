// Standard input as a parameter.
export interface Input {
  readonly isTerminal: boolean;
  /** Resolves with the next line; null at the end of the input, and once `stop` fires. Never rejects. */
  readonly readLine: (stop: AbortSignal) => Promise<string | null>;
}
