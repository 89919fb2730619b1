// The embedded AWS in the state file: what is read is checked as a request would be.
import type { SandboxResource } from "../resource.ts";
import type { SandboxState } from "../state.ts";
import type {
  AwsState,
  StoredBus,
  StoredConnection,
  StoredDestination,
  StoredRule,
  StoredSource,
} from "./aws-state.ts";
import { refuseInput, type Shape, type StructureShape } from "./check-input.ts";
import { busName, description, plainName, ruleMembers, structure, tags, target } from "./input-shapes.ts";

/** A list of the state file that no request of Genesys Cloud reads. */
export type StateList = Omit<SandboxResource, "routes">;

const time: Shape = { type: "integer" };
const text: Shape = { type: "string", min: 1 };
const yesOrNo: Shape = { type: "boolean" };

export const awsLists: readonly StateList[] = [
  list<StoredSource>("event source", "eventSources", {
    entries: ({ sources }) => sources,
    shape: structure(
      {
        ...{ Name: busName, createdAtMs: time, pendingSinceMs: time, activeFromMs: time },
        ...{ isDeactivated: yesOrNo, isDeleted: yesOrNo },
      },
      ["Name", "createdAtMs", "pendingSinceMs", "isDeactivated", "isDeleted"],
    ),
  }),
  list<StoredBus>("event bus", "eventBuses", {
    entries: ({ buses }) => buses,
    shape: structure({ Name: busName, Description: description, createdAtMs: time, Tags: tags }, [
      ...["Name", "createdAtMs", "Tags"],
    ]),
  }),
  list<StoredRule>("rule", "rules", {
    entries: ({ rules }) => rules,
    shape: structure(
      { ...ruleMembers, busArn: text, ManagedBy: text, Targets: { type: "list", of: target } },
      ["Name", "busArn", "State", "Targets", "Tags"],
    ),
  }),
  list<StoredDestination>("API destination", "apiDestinations", {
    entries: ({ destinations }) => destinations,
    shape: structure(
      {
        ...{ Name: plainName, ApiDestinationArn: text, Description: description },
        ...{ ConnectionArn: text, InvocationEndpoint: text, HttpMethod: text },
        InvocationRateLimitPerSecond: { type: "integer", min: 1 },
        ...{ createdAtMs: time, modifiedAtMs: time },
      },
      [
        ...["Name", "ApiDestinationArn", "ConnectionArn", "InvocationEndpoint", "HttpMethod"],
        ...["InvocationRateLimitPerSecond", "createdAtMs", "modifiedAtMs"],
      ],
    ),
  }),
  list<StoredConnection>("connection", "connections", {
    entries: ({ connections }) => connections,
    shape: structure(
      {
        ...{ Name: plainName, ConnectionArn: text, Description: description },
        ...{ ConnectionState: text, AuthorizationType: text, createdAtMs: time },
      },
      ["Name", "ConnectionArn", "ConnectionState", "AuthorizationType", "createdAtMs"],
    ),
  }),
];

function list<Entry extends object>(
  noun: string,
  key: string,
  {
    entries,
    shape,
  }: { readonly entries: (aws: AwsState) => Map<string, Entry>; readonly shape: StructureShape },
): StateList {
  const withKey = structure({ ...shape.members, key: text }, ["key", ...(shape.required ?? [])]);
  return {
    noun,
    list: key,
    isRequired: false,
    entriesOf: ({ aws }) => [...entries(aws)].map(([arn, entry]) => ({ key: arn, ...entry })),
    add: ({ aws }: SandboxState, entry: unknown) => {
      if (refuseInput(withKey, entry)) return " is not valid";
      const { key: arn, ...fields } = entry as { readonly key: string };
      entries(aws).set(arn, fields as Entry);
      return undefined;
    },
  };
}
