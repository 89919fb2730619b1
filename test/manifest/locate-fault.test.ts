// What the platform refused of a webhook, and where the manifest says it.
import { expect, test } from "vitest";
import { locateFault } from "../../src/manifest/locate-fault.ts";
import { readFaultPlace } from "../../src/manifest/read.ts";
import type { ResourceDocument } from "../../src/model/resource.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

const text = `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: other
spec:
  endpointUrl: https://other.example.com/
---
# the one that was refused
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: alpha
spec:
  consumerGroupId: Alpha
  endpointUrl: https://events.example.com/0
  endpointPool:
    - https://events.example.com/1
    - { weight: 2, url: https://Events.example.com:443/2 }
  eventTypes:
    - z.last
    - a.first
    - m.middle
  retryPolicy:
    retryCount: 3
  offsetTracking: { stateFile: /var/data/alpha.json }
`;
const place = { file: "subscriptions/a.yaml", line: 9, column: 1 };
const document: ResourceDocument = {
  name: "Alpha-12345678",
  endpoint: "https://events.example.com/2",
  eventTypes: ["a.first", "z.last"],
  retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  state: "enabled",
  description: "Consumer group: Alpha | Offset tracking: /var/data/alpha.json | Managed by: reconcile (me)",
};
const found = (field: string, more: { text?: string; document?: Partial<ResourceDocument> } = {}) => {
  const refused = { place, document: { ...document, ...more.document } };
  const { file, line, column } = locateFault(more.text ?? text, { field, message: "no" }, refused);
  expect(file).toBe(place.file);
  return `${line}:${column}`;
};

test.each([
  ["eventTypes", "19:3"],
  ["eventTypes[0]", "21:7"],
  ["eventTypes[1]", "20:7"],
  ["eventTypes.1", "20:7"],
  ["/eventTypes/1", "20:7"],
  ["eventTypes[7]", "19:3"],
  ["eventTypes[]", "19:3"],
  ["eventTypes[-1]", "19:3"],
  ["retryPolicy.retryCount", "24:17"],
  ["retryPolicy", "23:3"],
  ["name", "14:20"],
  ["description", "25:32"],
])("%s stands at %s", (field, at) => {
  expect(found(field)).toBe(at);
});

test.each([
  ["https://events.example.com/0", "15:16"],
  ["https://events.example.com/1", "17:7"],
  ["https://events.example.com/2", "18:25"],
  ["https://gone.example.com/", "15:16"],
])("the endpoint %s stands at %s", (endpoint, at) => {
  expect(found("endpoint", { document: { endpoint } })).toBe(at);
});

test("a key that is not written is shown at the nearest one above it", () => {
  expect(found("retryPolicy.retryInterval")).toBe("24:5");
  expect(found("retryPolicy.a.b")).toBe("24:5");
  expect(found("state")).toBe("14:3");
  const unnamed = text.replace("  consumerGroupId: Alpha\n", "");
  expect(found("name", { text: unnamed })).toBe("12:9");
});

test.each(["", "id", "__proto__", "constructor", "eventTypes[0].x", "."])(
  "an unknown field, %o, is shown at the document",
  (field) => {
    expect(found(field)).toBe("9:1");
  },
);

test("a text that has changed since shows the document where it was", () => {
  expect(found("eventTypes[0]", { text: "" })).toBe("9:1");
  expect(found("eventTypes[0]", { text: `# a line more\n${text}` })).toBe("9:1");
  expect(found("eventTypes[0]", { text: text.replace("a.first", "b.first") })).toBe("19:3");
  expect(found("eventTypes[0]", { text: text.replace(/eventTypes:[^]*middle/, "eventTypes: 3") })).toBe(
    "19:15",
  );
});

test("the file is read again; one that is gone or is no text shows the document", async () => {
  const fault = { field: "eventTypes[1]", message: "no" };
  const refused = { place, document };
  const files = makeMemoryFiles({ [place.file]: text });
  expect(await readFaultPlace(fault, refused, files)).toEqual({ ...place, line: 20, column: 7 });
  files.set(place.file, new Uint8Array([0xff, 0x00]));
  expect(await readFaultPlace(fault, refused, files)).toEqual(place);
  await files.remove(place.file);
  expect(await readFaultPlace(fault, refused, files)).toEqual(place);
});
