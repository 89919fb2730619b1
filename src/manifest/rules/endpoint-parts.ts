// What is wrong with an event source in AWS, or with a workflow: the part of it that does not fit.
import { maxSuffixLength, parseEventSource, parseWorkflowId } from "../../model/endpoint.ts";
import type { Fault } from "../problem.ts";

/** Null where nothing is wrong, as of the other. */
export function findSourceFault(url: string): Fault | null {
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
const stray = /[\p{C}\s]/u;

export function findWorkflowFault(url: string): Fault | null {
  if (parseWorkflowId(url)) return null;
  if (stray.test(url)) {
    const message = "the id of a workflow holds no blank and no control character";
    return { code: "malformed", message, hint: `take it out; ${whereTheIdIs}` };
  }
  const hint = "write it as workflow: and the id in the address of the workflow's page";
  return { code: "malformed", message: "this is not the id of a workflow", hint };
}

const whereTheIdIs = "the id, which is not the workflow's name, is in the address of its page";
