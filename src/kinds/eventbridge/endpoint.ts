// What is to be told of an event source in AWS: the part of it that does not fit, or that is not known here.
import { findNearest } from "../../lib/did-you-mean.ts";
import { quote } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/kind.ts";
import { maxSuffixLength, parseEventSource, placeholderAccount } from "./event-source.ts";
import { regions } from "./regions.ts";

export const sourceEndpoint: EndpointForm = {
  short: "eventbridge://…",
  shape: "eventbridge://account/region/suffix",
  isUrl: false,
  findFault,
  findWarnings: (url) => [...findUnknownRegion(url), ...findPlaceholder(url)],
  findDestination: (url) => {
    const source = parseEventSource(url);
    return source && { what: "AWS account", name: source.awsAccountId };
  },
  unshared: "an event source has one integration: give each group a suffix of its own",
};

function findFault(url: string): Fault | null {
  if (parseEventSource(url)) return null;
  const [account = "", region = "", suffix = "", ...more] = url
    .replace(/^eventbridge:\/\//i, "")
    .split("/");
  const wrong = (message: string, hint = writeSource): Fault => ({ code: "malformed", message, hint });
  if (!url.startsWith("eventbridge://")) return wrong("an event source begins with eventbridge://");
  if (stray.test(url))
    return wrong("an event source holds no blank and no control character", "take it out");
  if (!/^\d{12}$/.test(account)) return wrong("an AWS account is 12 digits");
  if (!/^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region))
    return wrong("what follows the account is no AWS region");
  if (suffix === "" || more.length > 0)
    return wrong("an event source is an account, a region and a suffix, with / between");
  if (suffix.length > maxSuffixLength) {
    const most = `an event source's suffix has at most ${maxSuffixLength} characters`;
    return wrong(`${most}, and this one has ${suffix.length}`, "shorten it");
  }
  return wrong("an event source's suffix is letters, digits and . _ -, and not dots alone");
}

const writeSource = "write it as eventbridge://123456789012/us-east-1/suffix";
/** Characters that no endpoint holds. */
const stray = /[\p{C}\s]/u;

/** An AWS region that is not among those known here may be new, or a slip. */
function findUnknownRegion(url: string): readonly Fault[] {
  const region = parseEventSource(url)?.awsRegion;
  if (region === undefined || regions.has(region)) return [];
  const nearest = findNearest(region, regions);
  const message = `${quote(region)} is no AWS region that is known here`;
  const hint = `${nearest === undefined ? "" : `did you mean "${nearest}"? `}a new region may be right all the same`;
  return [{ code: "unknownRegion", message, hint }];
}

function findPlaceholder(url: string): readonly Fault[] {
  if (parseEventSource(url)?.awsAccountId !== placeholderAccount) return [];
  const message = `the AWS account ${placeholderAccount} is a placeholder: it reaches nobody until it is replaced`;
  return [{ code: "placeholder", message, hint: "put the 12 digits of your AWS account there" }];
}
