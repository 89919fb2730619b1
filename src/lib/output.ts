// Standard output and standard error as parameters.
export interface Output {
  write(text: string): void;
  /** Resolves once all that was written has left this process; false where its reader has gone. */
  flushed(): Promise<boolean>;
  readonly isTerminal: boolean;
  /** Colours wanted and possible. */
  readonly colours: boolean;
  readonly columns: number;
}
