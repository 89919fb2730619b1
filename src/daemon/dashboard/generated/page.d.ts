export declare const dashboard: {
  /** The whole page. */
  readonly html: string;
  /** SHA-256 in base64, as a content security policy wants it. */
  readonly scriptHash: string;
  readonly styleHash: string;
};
