// What the vendor's sources say of Process Automation triggers, and the sandbox answers: one test for each fact.
import { expect, test } from "vitest";
import { makeSandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/processautomation/triggers";

const trigger = (topicName: string): Record<string, unknown> => ({
  ...{ name: "alpha", topicName, enabled: true, matchCriteria: [] },
  target: { type: "Workflow", id: "a-workflow" },
});

/** Follows the cursors to the end of the list. */
function readTriggerTopics(pageSize: number): readonly string[] {
  const client = makeSandboxClient();
  const found: string[] = [];
  let next: string | undefined = `${path}/topics?pageSize=${pageSize}`;
  while (next !== undefined) {
    const { status, json } = client.call("GET", next);
    expect(status).toBe(200);
    const page = json as { readonly entities: readonly string[]; readonly nextUri?: string };
    found.push(...page.entities);
    next = page.nextUri;
  }
  return found;
}

test("The topics of triggers are a list of names that is read from a cursor", () => {
  const topics = readTriggerTopics(200);
  expect(topics).toContain("v2.users.{id}.presence");
  expect(topics.length).toBeGreaterThan(200);
  expect(readTriggerTopics(7)).toEqual(topics);
  expect(new Set(topics).size).toBe(topics.length);
});

test("A page of the topics of triggers has at most 200", () => {
  expect(makeSandboxClient().call("GET", `${path}/topics?pageSize=201`).status).toBe(400);
});

test("Audit topics are not among the topics of triggers", () => {
  expect(readTriggerTopics(200).filter((topic) => topic.startsWith("v2.audits."))).toEqual([]);
  const { status } = makeSandboxClient().call(
    "POST",
    path,
    trigger("v2.audits.entitytype.{id}.entityid.{id}"),
  );
  expect(status).toBe(400);
});

test("A trigger for a topic that is not among the topics of triggers is refused", () => {
  const client = makeSandboxClient();
  expect(client.call("POST", path, trigger("v2.users.{id}.present"))).toMatchObject({
    status: 400,
    json: { message: "v2.users.{id}.present is not a topic of triggers." },
  });
  expect(client.state.triggers.size).toBe(0);
  expect(client.call("POST", path, trigger("v2.users.{id}.presence")).status).toBe(200);
});

test("A topic has its {id} verbatim: a concrete identifier is refused", () => {
  const client = makeSandboxClient();
  const topic = "v2.users.4f1c0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a.presence";
  expect(client.call("POST", path, trigger(topic)).status).toBe(400);
  expect(client.state.triggers.size).toBe(0);
});

test("The transports of a topic are All, Websocket, EventBridge and ProcessAutomation", () => {
  const { json } = makeSandboxClient().call(
    "GET",
    "/api/v2/notifications/availabletopics?expand=transports",
  );
  const { entities } = json as {
    readonly entities: readonly { readonly id: string; readonly transports: readonly string[] }[];
  };
  const named = new Set(entities.flatMap(({ transports }) => transports));
  expect([...named].sort()).toEqual(["All", "EventBridge", "ProcessAutomation", "Websocket"]);
  const forTriggers = entities
    .filter(({ transports }) => transports.includes("All") || transports.includes("ProcessAutomation"))
    .map(({ id }) => id);
  expect(forTriggers).toEqual(readTriggerTopics(200));
});
