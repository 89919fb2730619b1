// Finds the part of an eventbridge: endpoint that is wrong, or a region or account that is probably wrong.
import { findNearest } from "../../lib/did-you-mean.ts";
import { quote } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";
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
  unshared: "reconcile makes one integration for an event source: give each group a suffix of its own",
  naming: {
    noun: "suffix",
    findName: (url) => parseEventSource(url)?.suffix ?? null,
    why:
      "the name of an event source likely has neither the account nor the region in it, so one organisation should " +
      "use a suffix once",
    wayOut: "use another suffix; it makes another event source, which has to be associated in AWS",
  },
};

function findFault(url: string): Fault | null {
  if (parseEventSource(url)) return null;
  const [account = "", region = "", suffix = "", ...more] = url
    .replace(/^eventbridge:\/\//i, "")
    .split("/");
  const wrong = (message: string, hint = writeSource): Fault => ({ code: "malformed", message, hint });
  if (!url.startsWith("eventbridge://")) return wrong("an event source begins with eventbridge://");
  if (stray.test(url))
    return wrong("an event source cannot hold spaces or control characters", "remove them");
  if (!/^\d{12}$/.test(account)) return wrong("an AWS account is 12 digits");
  if (!/^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region))
    return wrong("the part after the account is not an AWS region");
  if (suffix === "" || more.length > 0)
    return wrong("an event source is an account, a region and a suffix, separated by /");
  if (suffix.length > maxSuffixLength) {
    const most = `an event source's suffix has at most ${maxSuffixLength} characters`;
    return wrong(`${most}, and this one has ${suffix.length}`, "shorten it");
  }
  return wrong("an event source's suffix consists of letters, digits and . _ -, and not of dots alone");
}

const writeSource = "write it as eventbridge://123456789012/us-east-1/suffix";
/** Control characters and white space, which no endpoint may hold. */
const stray = /[\p{C}\s]/u;

/** A region that is missing in `regions` may be new or misspelt, so it is a warning. */
function findUnknownRegion(url: string): readonly Fault[] {
  const region = parseEventSource(url)?.awsRegion;
  if (region === undefined || regions.has(region)) return [];
  const nearest = findNearest(region, regions);
  const message = `${quote(region)} is not an AWS region that this version of reconcile lists`;
  const hint = `${nearest === undefined ? "" : `did you mean "${nearest}"? `}if AWS has opened the region since, ignore this warning`;
  return [{ code: "unknownRegion", message, hint }];
}

function findPlaceholder(url: string): readonly Fault[] {
  if (parseEventSource(url)?.awsAccountId !== placeholderAccount) return [];
  const message = `the AWS account ${placeholderAccount} is a placeholder: no events arrive until you replace it`;
  return [{ code: "placeholder", message, hint: "put the 12 digits of your AWS account there" }];
}
