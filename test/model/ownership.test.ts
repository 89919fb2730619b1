// Names and descriptions are functions of the manifest alone, and are read back strictly.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readOwnership, stateFileOf, webhookDescription, webhookName } from "../../src/model/ownership.ts";
import { makeSubscription } from "../plan/samples.ts";

describe("webhookName", () => {
  test("is the group and the first 8 hex digits of the SHA-256 of group, line feed, endpoint", () => {
    const hex = createHash("sha256").update("analytics\nhttps://pipeline.example.com/g-1").digest("hex");
    expect(webhookName("analytics", "https://pipeline.example.com/g-1")).toBe(
      `analytics-${hex.slice(0, 8)}`,
    );
  });

  test("never changes between versions", () => {
    expect(webhookName("analytics", "https://pipeline.example.com/g-1")).toBe("analytics-aec08ea8");
  });
});

describe("webhookDescription", () => {
  test("names group, state file and owner, the owner last", () => {
    const offsetTracking = { enabled: false, stateFile: "/var/data/offsets.json" };
    expect(webhookDescription(makeSubscription({ group: "g", offsetTracking }), "acme")).toBe(
      "Consumer group: g | Offset tracking: /var/data/offsets.json | Managed by: reconcile (acme)",
    );
  });

  test("without a state file leaves the field in the middle out", () => {
    const offsetTracking = { enabled: true, stateFile: null };
    const description = webhookDescription(makeSubscription({ group: "g", offsetTracking }), "acme");
    expect(description).toBe("Consumer group: g | Managed by: reconcile (acme)");
    expect(stateFileOf({ description })).toBeNull();
  });

  test("is read back", () => {
    const subscription = makeSubscription({ group: "a.b:c_d-1" });
    expect(readOwnership(webhookDescription(subscription, "acme_1.x-y"))).toEqual({
      group: "a.b:c_d-1",
      owner: "acme_1.x-y",
    });
  });
});

describe("readOwnership", () => {
  test.each([
    ["nothing", "", null, null],
    ["other words", "made by hand", null, null],
    ["a group at the end", "Consumer group: g", "g", null],
    ["a group and more fields", "Consumer group: g | Offset tracking: x", "g", null],
    ["words before the group", "Ours. Consumer group: g | x", "g", null],
    ["an empty group", "Consumer group:  | x", null, null],
    ["a group with spaces", "Consumer group: my group | x", "my group", null],
    ["the whole", "Consumer group: g | Managed by: reconcile (acme)", "g", "acme"],
    ["a marker alone", "Managed by: reconcile (acme)", null, "acme"],
  ])("%s", (_, description, group, owner) => {
    expect(readOwnership(description)).toEqual({ group, owner });
  });

  test.each([
    ["inside another field", "Consumer group: g | Note: Managed by: reconcile (acme)"],
    ["not the last field", "Consumer group: g | Managed by: reconcile (acme) | Offset tracking: x"],
    ["followed by a space", "Consumer group: g | Managed by: reconcile (acme) "],
    ["followed by a line", "Consumer group: g | Managed by: reconcile (acme)\n"],
    ["in other letters", "Consumer group: g | managed by: reconcile (acme)"],
    ["without an owner", "Consumer group: g | Managed by: reconcile ()"],
    ["with an owner that no config allows", "Consumer group: g | Managed by: reconcile (a b)"],
    ["with an owner that is too long", `Consumer group: g | Managed by: reconcile (${"a".repeat(64)})`],
  ])("a forged marker is none: %s", (_, description) => {
    expect(readOwnership(description)).toEqual({ group: "g", owner: null });
  });

  test("of two markers only the one that ends the description counts", () => {
    const description = "Consumer group: g | Managed by: reconcile (acme) | Managed by: reconcile (other)";
    expect(readOwnership(description)).toEqual({ group: "g", owner: "other" });
  });
});
