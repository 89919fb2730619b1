// Parses an endpoint with eventbridge:, which names the partner event source that an integration makes in AWS.
import { count } from "../../lib/count.ts";
import type { Association } from "../../model/kind-words.ts";

export interface EventSource {
  /** 12 digits. */
  readonly awsAccountId: string;
  readonly awsRegion: string;
  /** 1 to 64 letters, digits and . _ - */
  readonly suffix: string;
}

/** The most characters that Genesys Cloud allows in the suffix of an event source. */
export const maxSuffixLength = 64;

/** Parses `eventbridge://<awsAccountId>/<awsRegion>/<suffix>`; null for any other text. */
export function parseEventSource(endpoint: string): EventSource | null {
  const form = /^eventbridge:\/\/(\d{12})\/([a-z]{2,4}(?:-[a-z]+)+-\d)\/((?!\.{1,2}$)[A-Za-z0-9._-]+)$/;
  const [, awsAccountId, awsRegion, suffix] = form.exec(endpoint) ?? [];
  return awsAccountId && awsRegion && suffix && suffix.length <= maxSuffixLength
    ? { awsAccountId, awsRegion, suffix }
    : null;
}

/** The placeholder in the manifest that `init` writes; the user replaces it with the id of an AWS account. */
export const placeholderAccount = "000000000000";

/** AWS drops the events of a new source until the user has associated it. */
export const sourceAssociation: Association = {
  code: "eventbridge/associate",
  noun: "event source",
  result: "associated with an event bus in AWS",
  step: (it) => `associate ${it} in AWS`,
  isAutomatic: ({ aws }) => aws?.associate === true,
  where: "in the EventBridge console, under partner event sources",
};

/** Only AWS shows whether a source is associated with an event bus. */
export function remindToAssociate(sources: number): string {
  return (
    `${count(sources, "event source")} in AWS: a new event source delivers nothing until it is associated with an event ` +
    "bus in AWS, which reconcile cannot check; see docs/eventbridge.md"
  );
}
