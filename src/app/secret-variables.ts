// The variables that hold secrets. Each may be given as `NAME_FILE`, the path of a file that holds the secret.

export const auditKeyVariable = "RECONCILE_AUDIT_KEY";
export const formerKeysVariable = "RECONCILE_AUDIT_KEY_PREVIOUS";

interface SecretVariable {
  /** The secret logs in at an address, so whoever chooses the address gets the secret. */
  readonly isSent: boolean;
}

const rows = {
  GENESYS_CLIENT_SECRET: { isSent: true },
  [auditKeyVariable]: { isSent: false },
  [formerKeysVariable]: { isSent: false },
  RECONCILE_HTTP_TOKEN: { isSent: false },
  RECONCILE_GIT_TOKEN: { isSent: false },
  RECONCILE_DATABASE_URL: { isSent: true },
  RECONCILE_NOTIFY_SECRET: { isSent: false },
  RECONCILE_NOTIFY_SLACK_URL: { isSent: false },
  RECONCILE_NOTIFY_WEBHOOK_URL: { isSent: false },
} satisfies Readonly<Record<string, SecretVariable>>;

/** Where messages go, and what signs them. */
export const notifyVariables = [
  "RECONCILE_NOTIFY_SECRET",
  "RECONCILE_NOTIFY_SLACK_URL",
  "RECONCILE_NOTIFY_WEBHOOK_URL",
] as const;

/** The variables with which reconcile logs in at the platform. */
export const variablesOfLogin = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"] as const;

/** The variables with which reconcile logs in at a shared store. */
export const variablesOfState = ["RECONCILE_DATABASE_URL", "RECONCILE_GIT_TOKEN"] as const;

/** The client's id is no secret, but it is read as one, because it usually stands beside its secret. */
export type SecretName = keyof typeof rows | "GENESYS_CLIENT_ID";

const names = Object.entries(rows);

/** The variables with which a person or a program logs in at AWS; reconcile reads none of them from a file. */
const awsCredentials = [
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  ...["AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"],
  ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  ...["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
];

/** The variables that give a secret, in either form. */
export const givingSecret: readonly string[] = [
  ...names.flatMap(([name]) => [name, `${name}_FILE`]),
  ...awsCredentials,
];

/** Those of them whose secret is sent to an address. */
export const givingSentSecret: readonly string[] = [
  ...names.flatMap(([name, { isSent }]) => (isSent ? [name, `${name}_FILE`] : [])),
  ...awsCredentials,
];
