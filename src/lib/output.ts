// Standard output and standard error as parameters.
export interface Output {
  write(text: string): void;
  /** Resolves once everything written has left this process; false if the reader is gone. */
  flushed(): Promise<boolean>;
  readonly isTerminal: boolean;
  /** True if colours are wanted and possible. */
  readonly colours: boolean;
  readonly columns: number;
}
