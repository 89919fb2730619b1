// Answers with a part of a list, in the order of names; the token of the next part is opaque to clients.
import { compareText } from "../../lib/compare.ts";
import { answerWith, refuseInvalid, type AwsAnswer, type AwsCall } from "./aws-call.ts";

export interface Paging {
  readonly NextToken?: string;
  readonly Limit?: number;
}

interface Listing<Entry> {
  /** The key of the list in the answer. */
  readonly key: string;
  readonly entries: readonly Entry[];
  readonly nameOf: (entry: Entry) => string;
  readonly show: (entry: Entry) => unknown;
}

/** Documented: the most entries of a page. */
const maxPage = 100;
const tokenPrefix = "after:";

export function listAwsPage<Entry>(
  { input }: AwsCall<Paging>,
  { key, entries, nameOf, show }: Listing<Entry>,
): AwsAnswer {
  const { NextToken, Limit = maxPage } = input;
  const decoded = NextToken === undefined ? tokenPrefix : Buffer.from(NextToken, "base64").toString("utf8");
  if (!decoded.startsWith(tokenPrefix)) return refuseInvalid("NextToken is not valid.");
  const after = decoded.slice(tokenPrefix.length);
  const left = entries
    .filter((entry) => nameOf(entry) > after)
    .toSorted((a, b) => compareText(nameOf(a), nameOf(b)));
  const page = left.slice(0, Limit);
  const last = page.at(-1);
  const isMore = left.length > page.length && last !== undefined;
  const next = isMore ? { NextToken: Buffer.from(`${tokenPrefix}${nameOf(last)}`).toString("base64") } : {};
  return answerWith({ [key]: page.map(show), ...next });
}

export function hasPrefix(name: string, prefix: string | undefined): boolean {
  return prefix === undefined || name.startsWith(prefix);
}
