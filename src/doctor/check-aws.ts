// Checks what a config with `aws` needs of AWS. A config without it has none of these checks.
import { joinWords } from "../lib/join-words.ts";
import type { AwsWebhooks } from "../model/config.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import { failed, notChecked, passed, warned, type Finding, type Observations } from "./check.ts";
import type { AwsLook, ConnectionLook, EventsLook, SourceLook } from "./look-aws.ts";

/** Who AWS says the credentials belong to. */
export function checkAws({ config, aws }: Observations): Finding | null {
  if (!config.ok || config.value.aws === null) return null;
  const { webhooks } = config.value.aws;
  if (!aws) return notChecked("needs a token");
  const { caller } = aws instanceof ReconcileError ? { caller: aws } : aws;
  if (caller instanceof ReconcileError) return refusal(caller);
  const { account, arn } = caller;
  if (webhooks === null || webhooks.account === account) return passed(`account ${account}, as ${arn}`);
  return failed(
    `the credentials are of account ${account} (${arn}), and aws.webhooks.account is ${webhooks.account}`,
    "use credentials of that account (aws.profile, aws.assumeRole), or correct aws.webhooks.account",
  );
}

/** What the credentials may do. */
export function checkAwsPermissions(seen: Observations): Finding | null {
  return withEvents(seen, ({ refused, tried, writes }) => {
    const [first] = refused;
    if (first) {
      const told = [...new Set(refused.map((error) => errorText(error)))];
      return failed(
        `${refused.length} of ${tried} reads were refused`,
        first.hint ?? "allow what `reconcile aws policy` prints",
        told,
      );
    }
    if (writes === null)
      return passed(
        `${tried} reads are answered; writes are unproven, because these credentials may not ask IAM`,
        [
          "`reconcile aws policy` prints what a sync needs; with iam:SimulatePrincipalPolicy beside it, doctor tells whether it is allowed",
        ],
      );
    const { asked, denied } = writes;
    if (denied.length === 0)
      return passed(`${tried} reads are answered, and IAM allows the ${asked} writes of a sync`);
    return failed(
      `IAM does not allow ${denied.length} of the ${asked} writes of a sync: ${joinWords(denied, "and")}`,
      "allow what `reconcile aws policy` prints",
    );
  });
}

/** The feed's event source and its bus. */
export function checkAwsSource(seen: Observations): Finding | null {
  const { config } = seen;
  const isAutomatic = config.ok && config.value.aws?.associate === true;
  return withEvents(seen, ({ source }) => {
    if (source === null)
      return notChecked("the platform does not tell the organisation, after which event sources are named");
    const { state, hasBus } = source;
    if (state instanceof ReconcileError) return refusal(state);
    if (hasBus instanceof ReconcileError) return refusal(hasBus);
    if (state === null)
      return passed(`${source.name} is not there yet: the first sync with a route makes it`);
    if (state === "ACTIVE") return judgeRules(source);
    return judgeInactive(source, isAutomatic);
  });
}

function judgeInactive({ name, state, expiresAtMs }: SourceLook, isAutomatic: boolean): Finding {
  const until =
    expiresAtMs === null ? "" : `, and is deleted on ${new Date(expiresAtMs).toISOString().slice(0, 10)}`;
  const seen = `${name} is ${String(state)}: its events reach nobody${until}`;
  if (isAutomatic) return warned(seen, "the next sync associates or activates it");
  return failed(
    seen,
    "associate it with an event bus in the EventBridge console, or set aws.associate to true",
  );
}

/** AWS allows so many by default; the account may have more. */
const usualRules = 300;
const manyRules = 240;

function judgeRules({ name, rules }: SourceLook): Finding {
  const seen = `${name} is ACTIVE`;
  if (rules === null) return passed(seen);
  const used = `${rules} of ${usualRules} rules that an event bus can have by default (quota "Rules per event bus")`;
  return rules < manyRules
    ? passed(seen, [`its bus has ${used}`])
    : warned(`${seen}; its bus has ${used}`, "ask AWS for more in Service Quotas before they are used up");
}

/** What EventBridge calls the endpoints with. */
export function checkAwsDelivery(seen: Observations): Finding | null {
  const { config } = seen;
  return withEvents(seen, ({ connections, role }) => {
    const webhooks = config.ok ? config.value.aws?.webhooks : null;
    if (!webhooks) return null;
    const faults = connections.flatMap(findFault);
    const open = unproven(webhooks, role);
    if (role === "missing" || role === "refuses") {
      const fault = role === "missing" ? "is not there" : "does not allow events:InvokeApiDestination";
      return failed(
        `the role ${webhooks.roleArn} ${fault}, so EventBridge cannot call the endpoints`,
        "`reconcile aws policy` prints a template with the role; or correct aws.webhooks.roleArn",
        [...faults, ...open],
      );
    }
    if (faults.length > 0)
      return failed(
        `${faults.length} of ${connections.length} connections cannot be used`,
        "authorise them in the EventBridge console, or correct aws.webhooks.connections",
        [...faults, ...open],
      );
    const authorised =
      connections.length === 1
        ? "the connection is authorised"
        : `all ${connections.length} connections are authorised`;
    if (webhooks.deadLetterArn !== null) return passed(authorised, open);
    return warned(
      `${authorised}; what cannot be delivered is lost, because aws.webhooks.deadLetterArn is null`,
      "name a queue: `reconcile aws policy` prints a template that makes one",
      open,
    );
  });
}

function findFault({ arn, state }: ConnectionLook): readonly string[] {
  if (state === "AUTHORIZED") return [];
  if (state === null) return [`${arn}: it is not there`];
  return [`${arn}: ${state instanceof ReconcileError ? errorText(state) : `it is ${state}`}`];
}

/** What no read of EventBridge shows. */
function unproven({ roleArn, deadLetterArn }: AwsWebhooks, role: EventsLook["role"]): readonly string[] {
  const more = role === "unknown" ? ", and that it allows events:InvokeApiDestination" : "";
  return [
    `unproven: that events.amazonaws.com may assume ${roleArn}${more}`,
    ...(deadLetterArn === null
      ? []
      : [`unproven: that ${deadLetterArn} is there, and takes what EventBridge sends`]),
  ];
}

function withEvents(
  { config, aws }: Observations,
  judge: (events: EventsLook) => Finding | null,
): Finding | null {
  if (!config.ok || !config.value.aws?.webhooks) return null;
  const events = eventsOf(aws);
  return events ? judge(events) : notChecked("needs AWS credentials of the account in aws.webhooks");
}

function eventsOf(aws: AwsLook | ReconcileError | null): EventsLook | null {
  return aws instanceof ReconcileError ? null : (aws?.events ?? null);
}

function refusal(error: ReconcileError): Finding {
  return failed(errorText(error), error.hint ?? "docs/aws.md says what AWS needs");
}
