// The actions on API destinations.
import { isPrivateHost } from "../../lib/private-host.ts";
import { parseUrl } from "../../lib/parse-url.ts";
import { isIn, makeArn } from "./arns.ts";
import {
  answerWith,
  done,
  refuseAws,
  refuseInvalid,
  refuseLimit,
  refuseUnknown,
  seconds,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import { hasPrefix, listAwsPage, type Paging } from "./aws-page.ts";
import type { StoredDestination } from "./aws-state.ts";
import { findConnection } from "./connections.ts";

interface Named {
  readonly Name: string;
}

interface Changes extends Named {
  readonly Description?: string;
  readonly ConnectionArn?: string;
  readonly InvocationEndpoint?: string;
  readonly HttpMethod?: string;
  readonly InvocationRateLimitPerSecond?: number;
}

type NewDestination = Changes &
  Pick<StoredDestination, "ConnectionArn" | "InvocationEndpoint" | "HttpMethod">;

/** Documented: the API destinations of a region. */
const maxDestinations = 3_000;
/** Documented: the rate that a destination has unless it states one. */
const defaultRate = 300;

export function createApiDestination(call: AwsCall<NewDestination>): AwsAnswer {
  const { aws, input, nowMs } = call;
  const wrong = refuseFields(call);
  if (wrong) return wrong;
  const key = keyOf(call);
  if (aws.destinations.has(key))
    return refuseAws(
      "ResourceAlreadyExistsException",
      `An api-destination '${input.Name}' already exists.`,
    );
  if (destinationsIn(call).length >= maxDestinations) return refuseLimit();
  const destination: StoredDestination = {
    InvocationRateLimitPerSecond: defaultRate,
    ...input,
    ApiDestinationArn: `${key}/${call.newId()}`,
    ...{ createdAtMs: nowMs, modifiedAtMs: nowMs },
  };
  aws.destinations.set(key, destination);
  return { ...done, json: showWritten(destination, call) };
}

export function describeApiDestination(call: AwsCall<Named>): AwsAnswer {
  return withDestination(call, "describe", (one) =>
    answerWith({ ...(show(one, call) as object), Description: one.Description }),
  );
}

/** What the input leaves out stays as it is. */
export function updateApiDestination(call: AwsCall<Changes>): AwsAnswer {
  return withDestination(call, "update", (before) => {
    const wrong = refuseFields(call);
    if (wrong) return wrong;
    const destination = { ...before, ...call.input, modifiedAtMs: call.nowMs };
    call.aws.destinations.set(keyOf(call), destination);
    return { ...done, json: showWritten(destination, call) };
  });
}

/** Targets that point at it stay, and deliver nothing. */
export function deleteApiDestination(call: AwsCall<Named>): AwsAnswer {
  return withDestination(call, "delete", () => {
    call.aws.destinations.delete(keyOf(call));
    return { ...done, json: {} };
  });
}

/** The list has no descriptions. */
export function listApiDestinations(
  call: AwsCall<Paging & { readonly NamePrefix?: string; readonly ConnectionArn?: string }>,
): AwsAnswer {
  const { NamePrefix, ConnectionArn } = call.input;
  const shown = destinationsIn(call).filter(
    (one) =>
      hasPrefix(one.Name, NamePrefix) &&
      (ConnectionArn === undefined || one.ConnectionArn === ConnectionArn),
  );
  return listAwsPage(call, {
    key: "ApiDestinations",
    entries: shown,
    nameOf: ({ Name }) => Name,
    show: (one) => show(one, call),
  });
}

function refuseFields(call: AwsCall<Changes>): AwsAnswer | null {
  const { ConnectionArn, InvocationEndpoint } = call.input;
  if (InvocationEndpoint !== undefined) {
    const url = parseUrl(InvocationEndpoint);
    if (url?.protocol !== "https:" || isPrivateHost(url.hostname))
      return refuseInvalid(`Parameter InvocationEndpoint is not valid: ${InvocationEndpoint}`);
  }
  if (ConnectionArn === undefined || findConnection(call, ConnectionArn)) return null;
  return refuseUnknown(`Connection '${ConnectionArn}' does not exist.`);
}

function withDestination(
  call: AwsCall<Named>,
  verb: string,
  action: (destination: StoredDestination) => AwsAnswer,
): AwsAnswer {
  const destination = call.aws.destinations.get(keyOf(call));
  if (destination) return action(destination);
  const { Name } = call.input;
  return refuseUnknown(
    `Failed to ${verb} the api-destination(s). An api-destination '${Name}' does not exist.`,
  );
}

function keyOf({ place, input }: AwsCall<Named>): string {
  return makeArn(place, `api-destination/${input.Name}`);
}

function destinationsIn({ aws, place }: AwsCall<unknown>): readonly StoredDestination[] {
  return [...aws.destinations].filter(([key]) => isIn(place, key)).map(([, one]) => one);
}

function showWritten(one: StoredDestination, call: AwsCall<unknown>): unknown {
  return {
    ApiDestinationArn: one.ApiDestinationArn,
    ApiDestinationState: stateOf(one, call),
    CreationTime: seconds(one.createdAtMs),
    LastModifiedTime: seconds(one.modifiedAtMs),
  };
}

function show(one: StoredDestination, call: AwsCall<unknown>): unknown {
  const { createdAtMs, modifiedAtMs, ...fields } = one;
  return {
    ...fields,
    Description: undefined,
    ApiDestinationState: stateOf(one, call),
    CreationTime: seconds(createdAtMs),
    LastModifiedTime: seconds(modifiedAtMs),
  };
}

function stateOf({ ConnectionArn }: StoredDestination, call: AwsCall<unknown>): "ACTIVE" | "INACTIVE" {
  return findConnection(call, ConnectionArn)?.ConnectionState === "AUTHORIZED" ? "ACTIVE" : "INACTIVE";
}
