// The actions on partner event sources.
import { busArnOf, isIn } from "./arns.ts";
import {
  answerWith,
  done,
  refuseAws,
  refuseUnknown,
  seconds,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import { hasPrefix, listAwsPage, type Paging } from "./aws-page.ts";
import type { StoredSource } from "./aws-state.ts";
import { sourceArnOf, sourceLifeMs, viewSource } from "./partner-sources.ts";

interface Named {
  readonly Name: string;
}

export function listEventSources(call: AwsCall<Paging & { readonly NamePrefix?: string }>): AwsAnswer {
  const { aws, input, place } = call;
  const shown = [...aws.sources].filter(
    ([arn, source]) => isIn(place, arn) && hasPrefix(source.Name, input.NamePrefix) && isSeen(source, call),
  );
  return listAwsPage(call, {
    key: "EventSources",
    entries: shown.map(([, source]) => source),
    nameOf: ({ Name }) => Name,
    show: (source) => showSource(source, call),
  });
}

export function describeEventSource(call: AwsCall<Named>): AwsAnswer {
  const source = findVisibleSource(call, call.input.Name);
  return source ? answerWith(showSource(source, call)) : refuseSource(call.input.Name);
}

/** Undoes a deactivation; a source that was never associated has nothing to be activated with. */
export function activateEventSource(call: AwsCall<Named>): AwsAnswer {
  return setDeactivated(call, false);
}

/** The source goes into the state PENDING; its bus stays. */
export function deactivateEventSource(call: AwsCall<Named>): AwsAnswer {
  return setDeactivated(call, true);
}

export function findVisibleSource(call: AwsCall<unknown>, name: string): StoredSource | undefined {
  const source = call.aws.sources.get(sourceArnOf(call.place, name));
  return source && isSeen(source, call) ? source : undefined;
}

export function refuseSource(name: string): AwsAnswer {
  return refuseUnknown(`Event source ${name} does not exist.`);
}

function setDeactivated(call: AwsCall<Named>, isDeactivated: boolean): AwsAnswer {
  const { aws, place, nowMs } = call;
  const { Name } = call.input;
  const source = findVisibleSource(call, Name);
  if (typeof source?.activeFromMs !== "number" || !aws.buses.has(busArnOf(place, Name)))
    return refuseUnknown(`Event source ${Name} or event bus ${Name} does not exist.`);
  if (source.isDeleted || source.isDeactivated === isDeactivated)
    return refuseAws("InvalidStateException", `The state of event source ${Name} does not allow it.`);
  aws.sources.set(sourceArnOf(place, Name), { ...source, isDeactivated, pendingSinceMs: nowMs });
  return done;
}

function isSeen(source: StoredSource, { nowMs, quirks }: AwsCall<unknown>): boolean {
  return viewSource(source, nowMs, quirks) !== "hidden";
}

function showSource(source: StoredSource, { nowMs, quirks, place }: AwsCall<unknown>): unknown {
  const State = viewSource(source, nowMs, quirks);
  return {
    Arn: `arn:aws:events:${place.region}::event-source/${source.Name}`,
    CreatedBy: source.Name.split("/").slice(0, 2).join("/"),
    CreationTime: seconds(source.createdAtMs),
    ...(State === "PENDING" && { ExpirationTime: seconds(source.pendingSinceMs + sourceLifeMs) }),
    Name: source.Name,
    State,
  };
}
