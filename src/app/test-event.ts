// Tests an event on the live resources of a group: would it start anything, and if not, why. It changes nothing.
import type { Files } from "../lib/files.ts";
import { findNearest } from "../lib/did-you-mean.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { readFaultPlace } from "../manifest/read.ts";
import { nowhere, type Diagnostic, type Fault, type Loaded } from "../model/diagnostic.ts";
import { asDocument } from "../model/document.ts";
import { refusalReason, systemErrorCode } from "../model/errors.ts";
import type { TestedResource } from "../model/tested-resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { judgeEventTest, type Finding } from "./judge-event-test.ts";
import { chooseEventType, parseSampleEvent, type SampleEvent } from "./sample-event.ts";
import type { SessionPorts } from "./session-ports.ts";

export interface EventTestOptions {
  /** The path of the file with the event. */
  readonly file: string;
  readonly group: string;
  /** The event type that the user names. */
  readonly eventType: string | undefined;
  readonly desired: DesiredSource;
  readonly owner: string;
}

export interface EventTestEnding {
  /** Null if an error kept the event from being tested. */
  readonly eventType: string | null;
  readonly tests: readonly TestedResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The platform takes no larger body. */
const maxEventBytes = 512_000;

/** The platform is asked only once the event and every manifest are valid. */
export async function testEvent(options: EventTestOptions, ports: SessionPorts): Promise<EventTestEnding> {
  const event = await readEvent(options.file, ports.files);
  if (!event.ok) return end(event.diagnostics);
  const desired = await readDesired(options.desired, ports.files);
  if (!desired.ok) return end(desired.diagnostics);
  const subscription = desired.value.find(({ group }) => group === options.group);
  if (!subscription) return end([unknownGroup(options.group, desired.value)]);
  const { kind, place, group } = subscription;
  if (!kind.eventTest) {
    const message = `the group "${group}" has ${kind.nouns}, for which the platform offers no test of events`;
    const hint = `only ${testableNouns(ports)} can be tested`;
    return end([at({ code: "test/notOffered", message, hint }, place)]);
  }
  const eventType = chooseEventType(event.value, options.eventType, subscription);
  if (!eventType.ok) return end([at(eventType.fault)]);
  const { owner } = options;
  const sample = { owner, eventType: eventType.value, body: event.value.body };
  const tests = await testLive(subscription, sample, ports);
  if (tests.length === 0) {
    const message = `no live ${kind.noun} of the group "${group}" has the event type ${eventType.value}`;
    const hint = "run `reconcile sync` first: the test is of what is live";
    return end([at({ code: "test/notLive", message, hint }, place)]);
  }
  const found = await Promise.all(tests.map((tested) => locate(tested, subscription, ports)));
  return { eventType: eventType.value, tests, diagnostics: found.flat() };
}

async function testLive(
  { kind, group }: Subscription,
  sample: { readonly owner: string; readonly eventType: string; readonly body: object },
  { driverOf, onProgress }: SessionPorts,
): Promise<readonly TestedResource[]> {
  onProgress("reading the platform", 0, 0);
  const driver = driverOf(new Set([kind]));
  const { live } = await driver.list();
  const ours = live.filter(
    (one) => one.group === group && one.owner === sample.owner && one.eventTypes.includes(sample.eventType),
  );
  const tests = await Promise.all(
    ours.map(async (one) => ({ live: one, test: await driver.testEvent?.(one, sample.body) })),
  );
  return tests.flatMap(({ live: one, test }) => (test ? [{ live: one, test }] : []));
}

/** Gives each finding its place in the manifest, as the file is now. */
async function locate(
  tested: TestedResource,
  subscription: Subscription,
  { files }: SessionPorts,
): Promise<readonly Diagnostic[]> {
  const { place } = subscription;
  const document = asDocument(tested.live);
  const placeOf = async ({ field }: Finding) =>
    field === null ? place : readFaultPlace({ field, message: "" }, { place, document }, files);
  return Promise.all(
    judgeEventTest(tested, subscription).map(async (finding) => ({
      ...at(finding, await placeOf(finding)),
      severity: finding.severity,
    })),
  );
}

async function readEvent(file: string, files: Pick<Files, "read">): Promise<Loaded<SampleEvent>> {
  try {
    const parsed = parseSampleEvent(new TextDecoder().decode(await files.read(file, maxEventBytes)));
    return parsed.ok
      ? { ...parsed, diagnostics: [] }
      : { ok: false, diagnostics: [at({ ...parsed.fault, message: `${file}: ${parsed.fault.message}` })] };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read: ${refusalReason(code)}`;
    return { ok: false, diagnostics: [at({ code: "test/unreadable", message: `${file} ${reason}` })] };
  }
}

function unknownGroup(group: string, desired: readonly Subscription[]): Diagnostic {
  const nearest = findNearest(
    group,
    desired.map((one) => one.group),
  );
  const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
  return at({ code: "group/unknown", message: `no manifest declares the group "${group}"`, hint });
}

function testableNouns({ kinds }: Pick<SessionPorts, "kinds">): string {
  return kinds.all.flatMap(({ eventTest, fullNouns }) => (eventTest ? [fullNouns] : [])).join(", ");
}

function end(diagnostics: readonly Diagnostic[]): EventTestEnding {
  return { eventType: null, tests: [], diagnostics };
}

function at(
  { code, message, hint = null }: Fault,
  place: Subscription["place"] | typeof nowhere = nowhere,
): Diagnostic {
  return { severity: "error", code, message, hint, ...place };
}
