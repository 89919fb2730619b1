// One workflow, one event type, two groups: what is warned of, and what is not.
import { expect, it } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

const types = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus", "v2.users.{id}.activity"];

const group = (
  name: string,
  {
    workflow = "one",
    eventTypes = types,
    more = "",
  }: { workflow?: string; eventTypes?: string[]; more?: string } = {},
): { file: string; text: string } => {
  const lines = {
    name: `  name: ${name}`,
    endpointUrl: `  endpointUrl: workflow:${workflow}`,
    eventTypes: `  eventTypes: ${JSON.stringify(eventTypes)}`,
    offsetTracking: `  offsetTracking: { stateFile: /${name}.json }`,
  };
  return { file: `${name}.yaml`, text: manifestText(lines, more) };
};

const validate = (...files: { file: string; text: string }[]): string[] => {
  const loaded = makeSubscriptions(files, anything);
  expect(loaded.ok).toBe(true);
  return loaded.diagnostics.map(
    ({ severity, code, message, hint, file, line, column }) =>
      `${severity} ${file ?? ""}:${line ?? 0}:${column ?? 0} ${code}: ${message}; ${hint ?? ""}`,
  );
};

const voice = {
  more: "  trigger: { matchCriteria: [{ jsonPath: mediaType, operator: Equal, value: VOICE }] }\n",
};
const hint = "remove the event type from one of the two groups, or give one of them another workflow";

it("warns once, where both are enabled, with the first event type and how many more there are", () => {
  expect(validate(group("a"), group("b", { eventTypes: types.slice(1) }))).toEqual([
    `warning b.yaml:7:16 eventTypes/startedTwice: the event type "v2.users.{id}.routingStatus" (and 1 more) starts this group's workflow in the group "a", too, at a.yaml:7:41: each event starts it twice; ${hint}`,
  ]);
});

it("warns where one lets all through that the other does, however its conditions are spelt", () => {
  expect(validate(group("a", voice), group("b"))).toHaveLength(1);
  const other = "{ value: VOICE, operator: Equal, jsonPath: mediaType }, { jsonPath: a, operator: Exists }";
  const narrower = { more: `  trigger: { matchCriteria: [${other}] }\n` };
  expect(validate(group("a", narrower), group("b", voice))).toHaveLength(1);
});

it("says that it may be so where a group splits its event types over several workflows", () => {
  const split = {
    more: '  endpointPool: ["workflow:one", "workflow:two"]\n  rebalance: { mode: always }\n',
  };
  const told = validate(group("a", split), group("b", { workflow: "two", eventTypes: types.slice(0, 1) }));
  expect(told).toEqual([expect.stringContaining(": an event may start it twice; ")]);
});

it.each([
  ["another workflow", group("b", { workflow: "two" })],
  ["another event type", group("b", { eventTypes: ["v2.users.{id}.geolocation"] })],
  ["a disabled group", group("b", { more: "  state: disabled\n" })],
  ["other conditions", group("b", { more: voice.more.replace("VOICE", "CHAT") })],
  [
    "a pool that is not in use",
    group("b", { workflow: "two", more: '  endpointPool: ["workflow:one", "workflow:two"]\n' }),
  ],
])("says nothing of %s", (_, other) => {
  expect(validate(group("a", voice), other)).toEqual([]);
});
