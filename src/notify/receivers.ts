// Finds the receivers that the config asks for, and their addresses in the environment.
import { parseAddress, type AddressFault } from "../lib/http-address.ts";
import type { Config, NotifyTopic, NotifyWish } from "../model/config.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Receiver } from "./make-request.ts";

export type WantingReceiver = Receiver & { readonly wanted: ReadonlySet<NotifyTopic> };

type Variables = Readonly<Record<string, string | undefined>>;

/** Returns the variable that gives the value, which may be the one with the ending `_FILE`. */
type NameOf = (name: (typeof urlNames)[Receiver["kind"]] | typeof secretName) => string;

const urlNames = { slack: "RECONCILE_NOTIFY_SLACK_URL", webhook: "RECONCILE_NOTIFY_WEBHOOK_URL" } as const;
const secretName = "RECONCILE_NOTIFY_SECRET";

/**
 * Returns the receivers whose address is good, and an error for each other one. Entries of one kind share its address, and
 * so are one receiver.
 */
export function findReceivers(
  { notify, file, places }: Pick<Config, "notify" | "file" | "places">,
  variables: Variables,
  nameOf: NameOf = (name) => name,
): { readonly receivers: readonly WantingReceiver[]; readonly diagnostics: readonly Diagnostic[] } {
  const receivers: WantingReceiver[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const kind of ["slack", "webhook"] as const) {
    const wishes = notify.filter((wish) => wish.kind === kind);
    if (wishes.length === 0) continue;
    const refuse = ({ code, message, hint }: Refusal): null => {
      const place = places["notify"] ?? nowhere;
      diagnostics.push({ severity: "error", code: `notify/${code}`, message, hint, ...place });
      return null;
    };
    const wanted = new Set(wishes.flatMap(({ on }: NotifyWish) => on));
    const url = readUrl(kind, { variables, file, nameOf }, refuse);
    const secret = kind === "slack" ? null : readSecret({ variables, file, nameOf }, refuse);
    if (url === null) continue;
    if (kind === "slack") receivers.push({ kind, url, wanted });
    else if (secret !== null) receivers.push({ kind, url, secret, wanted });
  }
  return { receivers, diagnostics };
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

interface Given {
  readonly variables: Variables;
  readonly file: string;
  readonly nameOf: NameOf;
}

type Refuse = (refusal: Refusal) => null;

const addressFaults: Readonly<Record<AddressFault, readonly [message: string, hint: string]>> = {
  malformedUrl: ["is not a URL", "write it as https://host/path, with the https://"],
  urlWithCredentials: [
    "has credentials in it",
    "leave out everything before the @; a receiver checks the signature instead",
  ],
  insecureUrl: [
    "is neither https nor loopback",
    "use an https address; http is allowed only to localhost, 127.0.0.1 and [::1]",
  ],
};

const whence = {
  slack: "the address of an incoming webhook, as Slack shows it",
  webhook: "the https address that takes the messages",
} as const;

/** The message does not repeat the value: whoever has the address of a Slack webhook can write to the channel. */
function readUrl(
  kind: Receiver["kind"],
  { variables, file, nameOf }: Given,
  refuse: Refuse,
): string | null {
  const name = urlNames[kind];
  const given = variables[name];
  if (given === undefined)
    return refuse({
      code: "missingAddress",
      message: `${name} is not set, and \`notify\` in ${file} asks for messages of kind ${kind}`,
      hint: `set it in the real environment (in .env it does not count) to ${whence[kind]}, or take the entry out of \`notify\``,
    });
  const url = parseAddress(given);
  if (typeof url !== "string") return url.href;
  const [message, hint] = addressFaults[url];
  return refuse({ code: url, message: `${nameOf(name)} ${message}`, hint });
}

/** Standard Webhooks ask for 24 to 64 bytes. */
const [leastBytes, mostBytes] = [24, 64];
const howToMake = `make one with: echo "whsec_$(openssl rand -base64 32)"`;

function readSecret({ variables, file, nameOf }: Given, refuse: Refuse): Uint8Array | null {
  const given = variables[secretName];
  if (given === undefined)
    return refuse({
      code: "missingSecret",
      message: `${secretName} is not set, and \`notify\` in ${file} asks for messages of kind webhook, which it signs`,
      hint: `set it in the real environment (in .env it does not count), and give it to the receiver; ${howToMake}`,
    });
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(given) ?? [];
  if (base64 === undefined)
    return refuse({
      code: "malformedSecret",
      message: `${nameOf(secretName)} is not \`whsec_\` with base64 after it`,
      hint: howToMake,
    });
  const secret = Buffer.from(base64, "base64");
  if (secret.length >= leastBytes && secret.length <= mostBytes) return secret;
  return refuse({
    code: "malformedSecret",
    message: `${nameOf(secretName)} holds ${secret.length} bytes, and must hold ${leastBytes} to ${mostBytes}`,
    hint: howToMake,
  });
}
