// Describes in words what each value of the two formats must be, by JSON pointer (`*` is any item or key). A test
// compares these words with the JSON Schemas.
import { joinWords } from "../lib/join-words.ts";
import { optionsOf, shapesOf, type Kinds } from "../model/kind.ts";

export type DocumentKind = "WebhookSubscription" | "ReconcileConfig";

export interface Format {
  readonly kind: DocumentKind;
  /** Describes each value that a document may have, by JSON pointer; `*` is any item or key. */
  readonly expectations: Expectations;
  /** Values whose pattern in the schema is for editors alone: a rule tells the user which of several faults it is. */
  readonly judgedByRules: ReadonlySet<string>;
}

type Expectations = Readonly<Record<string, string>>;

/** Manifests whose endpoints and options are those of these kinds. */
export function subscriptionFormat(kinds: Kinds): Format {
  const options = optionsOf(kinds, null);
  const words = options.flatMap(({ key, expectations }) =>
    Object.entries(expectations).map(([below, must]) => [`/spec/${key}${below}`, must] as const),
  );
  const judged = options.flatMap(({ key, judges = new Map<string, never>() }) =>
    Array.from(judges.keys(), (below) => `/spec/${key}${below}`),
  );
  return {
    kind: "WebhookSubscription",
    expectations: {
      ...untilEventTypes(joinWords(shapesOf(kinds), "or")),
      ...Object.fromEntries(words),
      ...afterOptions,
    },
    judgedByRules: new Set([
      "/spec/endpointUrl",
      "/spec/endpointPool/*",
      "/spec/endpointPool/*/url",
      ...judged,
    ]),
  };
}

const untilEventTypes = (endpointUrl: string): Expectations => ({
  "": "a map with apiVersion, kind, metadata and spec",
  "/apiVersion": '"reconcile.genesys/v1"',
  "/kind": '"WebhookSubscription"',
  "/metadata": "a map with a name",
  "/metadata/name":
    "lower-case letters, digits and hyphens, a letter or digit at both ends, at most 63 characters",
  "/metadata/labels": "a map of texts",
  "/metadata/labels/*": "text",
  "/metadata/annotations": "a map of at most 50 texts",
  "/metadata/annotations/*": "text of at most 4096 characters",
  "/spec": "a map with endpointUrl and eventTypes",
  "/spec/consumerGroupId":
    "letters, digits and . _ : -, a letter or digit at the start, at most 200 characters",
  "/spec/renamedFrom":
    "the group's former consumerGroupId: letters, digits and . _ : -, a letter or digit at the start, at most 200 characters",
  "/spec/endpointUrl": endpointUrl,
  "/spec/endpointPool": "a list of at least one endpoint",
  "/spec/endpointPool/*": "an endpoint, or a map with url and weight",
  "/spec/endpointPool/*/url": "an endpoint",
  "/spec/endpointPool/*/weight": "a whole number from 1 to 1000",
  "/spec/eventTypes": "a list of at least one event type",
  "/spec/eventTypes/*":
    "an event type: letters, digits and _ - { } *, in two or more parts separated by dots, " +
    "at most 256 characters",
});

const afterOptions: Expectations = {
  "/spec/state": '"enabled" or "disabled"',
  "/spec/offsetTracking": "a map with enabled and stateFile, each optional",
  "/spec/offsetTracking/enabled": "true or false",
  "/spec/offsetTracking/stateFile":
    "the path of a file, without | and control characters, at most 1024 characters",
  "/spec/rebalance": "a map with a mode",
  "/spec/rebalance/mode": '"overLimit" or "always"',
  "/spec/historicalRate": "a number above 0: events a second per event type",
};

const settings: Expectations = {
  "": "a map with apiVersion and kind",
  "/apiVersion": '"reconcile.genesys/v1"',
  "/kind": '"ReconcileConfig"',
  "/environment": "a region's domain or AWS region, such as mypurecloud.com or us-west-2",
  "/owner": "letters, digits and . _ -, at most 63 characters",
  "/organization": "the id of an organisation, such as 0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d, or null",
  "/manifests": "the path of a folder",
  "/ignore": "a list of patterns",
  "/ignore/*": "a pattern of files below the folder of the manifests, such as charts/**",
  "/catalog": "the path of a file, or null",
  "/limits": "a map with maxEventTypesPerEndpoint and maxConcurrentConsumers, each optional",
  "/limits/maxEventTypesPerEndpoint": "a whole number from 1 to 1000; a webhook takes 15 at most",
  "/limits/maxConcurrentConsumers": "a whole number from 1 to 100",
  "/rateShare": "a number above 0, at most 1",
  "/allowedEndpointHosts": "a list of hosts and AWS accounts",
  "/allowedEndpointHosts/*":
    "a host, *. and a host, such as *.example.com, or the 12 digits of an AWS account, in quotes",
  "/policy": "a map with requiredLabels and unsharedEndpoints, each optional",
  "/policy/requiredLabels": "a list of at most 20 labels",
  "/policy/requiredLabels/*": "the key of a label, such as team",
  "/policy/unsharedEndpoints": "true or false",
  "/values": "a map of texts by name",
  "/values/*": "text",
  "/prune": "true or false",
  "/maxDeletePercent": "a number from 0 to 100",
  "/audit": "a map with file and actors, each optional",
  "/audit/file": "the path of a file",
  "/audit/actors": '"full" or "none"',
  "/aws": "a map with profile, assumeRole, associate and webhooks, each optional",
  "/aws/profile": "the name of an AWS profile",
  "/aws/assumeRole": "a role's ARN such as arn:aws:iam::123456789012:role/genesys-reconcile",
  "/aws/associate": "true or false",
  "/aws/webhooks":
    "a map with account, region, roleArn, connections and deadLetterArn, and optionally source and settle",
  "/aws/webhooks/account": "12 digits in quotes",
  "/aws/webhooks/region": "an AWS region such as us-east-1",
  "/aws/webhooks/source": "1 to 64 letters, digits and . _ -",
  "/aws/webhooks/roleArn": "a role's ARN such as arn:aws:iam::123456789012:role/genesys-deliver",
  "/aws/webhooks/connections": "a list of connections, each with hosts and an arn",
  "/aws/webhooks/connections/*": "a map with hosts and an arn",
  "/aws/webhooks/connections/*/hosts": "a list of hosts such as *.example.com",
  "/aws/webhooks/connections/*/hosts/*": "a host such as events.example.com or *.example.com",
  "/aws/webhooks/connections/*/arn":
    "a connection's ARN such as arn:aws:events:us-east-1:123456789012:connection/pipeline/0a1b2c3d",
  "/aws/webhooks/deadLetterArn":
    "a queue's ARN such as arn:aws:sqs:us-east-1:123456789012:genesys-undelivered, or null for no queue",
  "/aws/webhooks/settle": "an ISO 8601 duration such as PT60S",
  "/state": "a map with store, git and postgres, each optional",
  "/state/store": '"files", "git" or "postgres"',
  "/state/git": "a map with remote and branch, each optional",
  "/state/git/remote": "the name of a Git remote, such as origin, and not its address",
  "/state/git/branch": "a branch's name: letters, digits and . _ - /, such as reconcile-state",
  "/state/postgres": "a map with a schema",
  "/state/postgres/schema":
    "lower-case letters, digits and _, no digit at the start, at most 63 characters",
  "/notify": "a list of at most 10 maps with kind and on",
  "/notify/*": "a map with a kind, and on",
  "/notify/*/kind": '"slack" or "webhook"',
  "/notify/*/on": 'a list of at least one of "drift", "failure", "recovery", "orphans" and "trail"',
  "/notify/*/on/*": '"drift", "failure", "recovery", "orphans" or "trail"',
};

export const configFormat: Format = {
  kind: "ReconcileConfig",
  expectations: settings,
  judgedByRules: new Set(),
};
