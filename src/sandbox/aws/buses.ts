// The actions on event buses. A partner bus has the name of its event source.
import { busArnOf, busNameOf, defaultBus, isIn } from "./arns.ts";
import {
  answerWith,
  done,
  refuseAws,
  refuseInvalid,
  refuseLimit,
  refuseUnknown,
  seconds,
  unchanged,
  type AwsAnswer,
  type AwsCall,
} from "./aws-call.ts";
import { hasPrefix, listAwsPage, type Paging } from "./aws-page.ts";
import type { StoredBus, StoredSource, Tag } from "./aws-state.ts";
import { findVisibleSource, refuseSource } from "./event-sources.ts";
import { sourceArnOf } from "./partner-sources.ts";

interface NewBus {
  readonly Name: string;
  readonly EventSourceName?: string;
  readonly Description?: string;
  readonly Tags?: readonly Tag[];
}

/** Documented: the buses of an account in a region. */
const maxBuses = 100;

export function createEventBus(call: AwsCall<NewBus>): AwsAnswer {
  const { aws, input, place } = call;
  const { Name, EventSourceName } = input;
  const wrong = refuseName(input);
  if (wrong) return wrong;
  const source = EventSourceName === undefined ? null : findVisibleSource(call, Name);
  if (source === undefined) return refuseSource(Name);
  const arn = busArnOf(place, Name);
  if (Name === defaultBus || aws.buses.has(arn)) return associateAgain(call, source);
  if (busesIn(call).length >= maxBuses) return refuseLimit();
  aws.buses.set(arn, {
    Name,
    ...(input.Description !== undefined && { Description: input.Description }),
    createdAtMs: call.nowMs,
    Tags: input.Tags ?? [],
  });
  if (source) associate(call, source);
  return { ...done, json: { EventBusArn: arn, Description: input.Description } };
}

function refuseName({ Name, EventSourceName }: NewBus): AwsAnswer | null {
  if (EventSourceName === undefined) {
    if (Name.startsWith("aws.")) return refuseInvalid("EventBus name starting with 'aws.' is not valid.");
    if (Name.includes("/")) return refuseInvalid(`EventBus name ${Name} must not contain '/'.`);
    return null;
  }
  if (EventSourceName === Name) return null;
  return refuseInvalid(`Event bus name ${Name} must match event source name ${EventSourceName}.`);
}

function associate({ aws, nowMs, quirks, place }: AwsCall<unknown>, source: StoredSource): void {
  const activeFromMs = nowMs + (quirks.activationLagMs ?? 0);
  aws.sources.set(sourceArnOf(place, source.Name), { ...source, activeFromMs, isDeactivated: false });
}

/** The bus is there already: of a source that was deleted and made again, it can be associated anew. */
function associateAgain(call: AwsCall<NewBus>, source: StoredSource | null): AwsAnswer {
  const { input, place, quirks } = call;
  const refusal = refuseAws("ResourceAlreadyExistsException", `Event bus ${input.Name} already exists.`);
  if (!source || source.isDeleted || source.activeFromMs !== null) return refusal;
  if (quirks.oldBusIs === "refused") return refusal;
  associate(call, source);
  if (quirks.oldBusIs === "refusedAndAssociated") return { ...refusal, changed: true };
  return { ...done, json: { EventBusArn: busArnOf(place, input.Name) } };
}

export function describeEventBus(call: AwsCall<{ readonly Name?: string }>): AwsAnswer {
  const arn = busArnOf(call.place, call.input.Name);
  const bus = findBus(call, arn);
  return bus ? answerWith(showBus(bus, call)) : refuseBus(arn);
}

export function listEventBuses(call: AwsCall<Paging & { readonly NamePrefix?: string }>): AwsAnswer {
  return listAwsPage(call, {
    key: "EventBuses",
    entries: [makeDefaultBus(), ...busesIn(call)].filter(({ Name }) =>
      hasPrefix(Name, call.input.NamePrefix),
    ),
    nameOf: ({ Name }) => Name,
    show: (bus) => showBus(bus, call),
  });
}

/** A bus that does not exist is no error. The source of a deleted one waits for a bus again. */
export function deleteEventBus(call: AwsCall<{ readonly Name: string }>): AwsAnswer {
  const { aws, input, nowMs, place } = call;
  const arn = busArnOf(place, input.Name);
  if (input.Name === defaultBus) return refuseInvalid("Cannot delete event bus default.");
  if ([...aws.rules.values()].some(({ busArn }) => busArn === arn))
    return refuseInvalid("EventBus can't be deleted since it has rules.");
  if (!aws.buses.delete(arn)) return unchanged;
  const sourceArn = sourceArnOf(place, input.Name);
  const source = aws.sources.get(sourceArn);
  if (source?.isDeleted) aws.sources.delete(sourceArn);
  else if (source) {
    const waiting = { activeFromMs: null, isDeactivated: false, pendingSinceMs: nowMs };
    aws.sources.set(sourceArn, { ...source, ...waiting });
  }
  return done;
}

export function findBus({ aws, place }: AwsCall<unknown>, arn: string): StoredBus | undefined {
  return arn === busArnOf(place) ? makeDefaultBus() : aws.buses.get(arn);
}

export function refuseBus(arn: string): AwsAnswer {
  return refuseUnknown(`Event bus ${busNameOf(arn)} does not exist.`);
}

function busesIn({ aws, place }: AwsCall<unknown>): readonly StoredBus[] {
  return [...aws.buses].filter(([arn]) => isIn(place, arn)).map(([, bus]) => bus);
}

function makeDefaultBus(): StoredBus {
  return { Name: defaultBus, createdAtMs: 0, Tags: [] };
}

function showBus({ Name, Description, createdAtMs }: StoredBus, { place }: AwsCall<unknown>): unknown {
  const time = seconds(createdAtMs);
  return { Name, Arn: busArnOf(place, Name), Description, CreationTime: time, LastModifiedTime: time };
}
