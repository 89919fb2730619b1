import { expect, test } from "vitest";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { makeDefaultConfig } from "../../src/manifest/config.ts";
import { asDocument, fitsKind, parseDocument } from "../../src/model/document.ts";
import { makeKinds, type Kind } from "../../src/model/kind.ts";
import { makeLive, type ResourceDocument } from "../../src/model/resource.ts";

const bus: Kind = { ...webhook, name: "bus", options: null, isChosen: ({ owner }) => owner === "on-a-bus" };
const kinds = makeKinds([webhook, bus]);
const config = makeDefaultConfig("reconcile.yaml");
const chosen = { ...config, owner: "on-a-bus" };
const endpoint = "https://hooks.example.com/a";

test("the config chooses among the kinds of a scheme for what a manifest asks for", () => {
  expect(kinds.choose(endpoint)?.name).toBe("webhook");
  expect(kinds.under(config).choose(endpoint)?.name).toBe("webhook");
  expect(kinds.under(chosen).choose(endpoint)?.name).toBe("bus");
  expect(kinds.under(chosen).choose("ftp://hooks.example.com/a")).toBeNull();
});

test("what is there keeps its kind, whatever the config chooses", () => {
  const { of } = kinds.under(chosen);
  expect(of({ endpoint }).name).toBe("webhook");
  expect(of({ endpoint, kind: "bus" }).name).toBe("bus");
  expect(kinds.of({ endpoint, kind: bus }).name).toBe("bus");
  expect(kinds.of({ endpoint, before: { kind: "bus" }, after: null }).name).toBe("bus");
  expect(kinds.of({ endpoint, before: null, after: { kind: "bus" } }).name).toBe("bus");
});

test("a document names its kind where the scheme does not tell it, and nowhere else", () => {
  const found = {
    ...{ id: "one", name: "a", endpoint, eventTypes: ["a.created"], retryPolicy: null },
    ...{ state: "enabled", description: "" },
  };
  const [plain, named] = [asDocument(makeLive(webhook, found)), asDocument(makeLive(bus, found))];
  expect(plain).not.toHaveProperty("kind");
  expect(named).toHaveProperty("kind", "bus");
  expect(parseDocument(JSON.parse(JSON.stringify(named)))).toEqual(named);
  expect(parseDocument({ ...named, kind: 5 })).toBeNull();
  expect([fitsKind(plain, webhook), fitsKind(named, bus)]).toEqual([true, true]);
  expect([fitsKind(named, webhook), fitsKind(plain, bus)]).toEqual([false, false]);
});

test("a document of a kind that nobody knows does not count as one of its scheme's", () => {
  const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
  const document: ResourceDocument = {
    ...{ name: "a", endpoint, eventTypes: ["a.created"], retryPolicy, description: "" },
    ...{ state: "enabled", kind: "pigeon" },
  };
  expect(fitsKind(document, builtInKinds.of(document))).toBe(false);
});
