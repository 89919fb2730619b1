// The AWS account that the sandbox is, and the credentials that it accepts.
export interface SandboxAws {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The region that `reconcile sandbox` names. A request may be for any other, each with resources of its own. */
  readonly region: string;
  /** The ARNs of connections that exist without having been created, such as those that a config names. */
  readonly connections: readonly string[];
}

/** It is the same on every machine. The credentials are public on purpose, because they protect nothing. */
export const sandboxAws: SandboxAws = {
  account: "123456789012",
  accessKeyId: "sandbox",
  secretAccessKey: "sandbox-secret",
  region: "us-east-1",
  connections: [],
};
