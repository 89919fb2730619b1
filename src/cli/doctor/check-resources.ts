// Which of the platform's resources for event delivery this organisation offers.
import { errorText, ReconcileError } from "../../model/errors.ts";
import { failed, notChecked, passed, type Answer, type Finding, type Seen } from "./check.ts";
import { isAnswered } from "./check-platform.ts";

/** The two that the published SDK has. */
const published = [
  {
    key: "integrations",
    name: "EventBridge integrations",
    path: "/api/v2/integrations",
    permission: "integrations:integration:view",
  },
  {
    key: "triggers",
    name: "Process Automation triggers",
    path: "/api/v2/processautomation/triggers",
    permission: "processautomation:trigger:view",
  },
] as const;

export function checkResources({ online }: Seen): Finding {
  const answer = online?.webhooks;
  if (!online || !answer) return notChecked("it takes a token first");
  if (!isAnswered(answer)) return notChecked("it takes an answer of the API first");
  const details = [
    `webhooks (/api/v2/webhooks): ${describe(answer, "webhook:read")}`,
    ...published.map(
      ({ key, name, path, permission }) => `${name} (${path}): ${describe(online[key], permission)}`,
    ),
  ];
  const isMissing = answer instanceof ReconcileError && answer.code === "api/notFound";
  if (!isMissing) return passed("webhooks are offered", details);
  return failed(
    "this organisation has no webhooks: /api/v2/webhooks answers 404",
    "that resource is not in the SDK that Genesys publishes, and this version writes no other: ask Genesys Cloud " +
      "whether it can be had, or deliver events by one of the published resources above",
    details,
  );
}

function describe(answer: Answer | null, permission: string): string {
  if (answer === null) return "not asked";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "not offered (404)";
  if (answer.code === "api/forbidden")
    return `there, but not to be seen without the permission ${permission} (403)`;
  return `not known: ${errorText(answer)}`;
}
