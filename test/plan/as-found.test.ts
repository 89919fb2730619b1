// Webhooks as somebody left them, few enough to check by hand: who keeps what, which webhook of several stays, and
// which is written. Each line is one webhook of an endpoint, with its event types and what is odd about it.
import { liveFrom } from "../support/kinds.ts";
import { describe, expect, test } from "vitest";
import { webhookDescription, webhookName } from "../../src/model/ownership.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { defaults, makePool, makeSubscription, poolUrl } from "./samples.ts";

interface Case {
  readonly title: string;
  readonly types: string;
  readonly weights: readonly number[];
  readonly state?: "disabled";
  readonly cap?: number;
  readonly live: readonly string[];
  /** Writes by phase, then moves. */
  readonly plan: readonly string[];
}

const oddities: Readonly<Record<string, Partial<LiveResource>>> = {
  disabled: { state: "disabled" },
  enabled: { state: "enabled" },
  renamed: { name: "by hand" },
  unmarked: { description: "Consumer group: orders" },
  "retry unset": { retryPolicy: null },
};

/** `p0 a b, renamed`: at the first endpoint of the pool, with another name. Their ids are h0, h1, … */
function find(desired: Subscription, lines: readonly string[]): LiveResource[] {
  return lines.map((line, index) => {
    const [what = "", ...odd] = line.split(", ");
    const [at = "", ...eventTypes] = what.split(" ");
    const endpoint = poolUrl(Number(at.slice(1)));
    const webhook = {
      id: `h${index}`,
      name: webhookName(desired.group, endpoint),
      endpoint,
      eventTypes,
      retryPolicy: desired.retryPolicy,
      state: desired.state,
      description: webhookDescription(desired, "acme"),
    };
    return odd.reduce((changed, name) => liveFrom({ ...changed, ...oddities[name] }), liveFrom(webhook));
  });
}

function check({ types, weights, state, cap, live, plan }: Case): void {
  const desired = makeSubscription({
    eventTypes: types.split(" "),
    endpointPool: makePool(...weights),
    rebalanceMode: "always",
    state: state ?? "enabled",
  });
  const limits = { ...defaults.limits, maxEventTypesPerEndpoint: cap ?? 15 };
  const made = makePlan([desired], find(desired, live), { ...defaults, limits, adopt: true });
  const at = (endpoint: string): string => endpoint.split("/").at(-1) ?? "";
  const writes = made.operations.map(({ phase, action, endpoint, webhookId, after }) =>
    [
      phase,
      action,
      at(endpoint),
      ...(webhookId ? [webhookId] : []),
      ...(after ? [`[${after.eventTypes.join(" ")}]`] : []),
    ].join(" "),
  );
  const moves = made.groups.flatMap((group) =>
    group.moves.map(({ eventType, from, to }) => `${eventType} moves ${at(from)} → ${at(to)}`),
  );
  expect([...writes, ...moves]).toEqual(plan);
}

describe("of several webhooks at one endpoint one stays", () => {
  test.each<Case>([
    {
      title:
        "ours, not an unmarked one that has more; and nobody waits for what a surplus one delivers to the end",
      types: "a b",
      weights: [1],
      live: ["p2 a", "p0 b", "p0 a b, unmarked"],
      plan: ["1 update p0 h1 [a b]", "1 delete p2 h0", "2 delete p0 h2"],
    },
    {
      title: "the one by its own name, not a renamed one that has more",
      types: "a",
      weights: [1],
      live: ["p0 a, renamed", "p0 z"],
      plan: ["1 update p0 h1 [a]", "2 delete p0 h0"],
    },
    {
      title: "the one in the state that is wanted, not a fuller one",
      types: "b a",
      weights: [1],
      live: ["p0 a b, disabled", "p0 b"],
      plan: ["1 update p0 h1 [a b]", "2 delete p0 h0"],
    },
    {
      title: "the one with more of the event types that are wanted",
      types: "a b",
      weights: [1],
      live: ["p0 y z", "p0 a"],
      plan: ["1 update p0 h1 [a b]", "2 delete p0 h0"],
    },
    {
      title: "the one that is right as it is, though another has more",
      types: "a b c d",
      weights: [1, 1],
      live: ["p0 a b c", "p0 a b", "p1 c d"],
      plan: ["1 delete p0 h0"],
    },
  ])("$title", check);
});

describe("an event type that is live on several endpoints", () => {
  test.each<Case>([
    {
      title: "makes room for another by staying at the next endpoint that it is live on",
      types: "a b",
      weights: [1, 1],
      live: ["p0 a b", "p1 a b"],
      plan: ["1 update p0 h0 [b]", "1 update p1 h1 [a]"],
    },
    {
      title: "moves where none of these has room for it",
      types: "b a",
      weights: [1, 2, 1],
      cap: 2,
      live: ["p0 a b", "p2 a b"],
      plan: ["1 create p1 [a]", "2 update p0 h0 [b]", "2 delete p2 h1", "a moves p0 → p1"],
    },
    {
      title: "shares an endpoint's room with what is live there alone",
      types: "a b c",
      weights: [1, 3, 1],
      live: ["p1 c", "p2 a b", "p1 a b"],
      plan: ["1 update p1 h2 [b c]", "1 update p2 h1 [a]", "2 delete p1 h0"],
    },
    {
      title: "stays where the webhook then needs no write",
      types: "a b c",
      weights: [1, 1],
      live: ["p1 b c", "p0 c"],
      plan: ["1 update p1 h0 [a b]"],
    },
    {
      title: "stays with a webhook that is then left as it is, and the surplus one beside it goes",
      types: "b a",
      weights: [2, 1, 1],
      live: ["p0 a b", "p2 b", "p2 a"],
      plan: ["1 update p0 h0 [a]", "2 delete p2 h2"],
    },
    {
      title: "stays with only one of the webhooks that could be left as they are",
      types: "b a",
      weights: [3, 1, 7],
      live: ["p0 a", "p2 a b", "p2 a"],
      plan: ["1 update p2 h1 [b]", "2 delete p2 h2"],
    },
    {
      title: "stays with one endpoint; the other, whose share is less than one, goes without",
      types: "a b c",
      weights: [2, 1, 1, 1],
      cap: 3,
      live: ["p2 c", "p1 c"],
      plan: ["1 create p0 [a b]", "1 delete p2 h0"],
    },
    {
      title: "stays with the first in pool order where either way is one write",
      types: "a b",
      weights: [1, 7, 1],
      cap: 5,
      live: ["p0 b", "p1 a b"],
      plan: ["1 update p1 h1 [a]"],
    },
    {
      title: "is not at home at an endpoint where only a disabled webhook has it",
      types: "a b c",
      weights: [1, 1, 7],
      cap: 2,
      live: ["p0 b", "p1 a", "p2 c", "p2 b, disabled", "p0 c, retry unset"],
      plan: [
        "1 update p2 h2 [b c]",
        "2 delete p0 h0",
        "3 delete p0 h4",
        "3 delete p2 h3",
        "b moves p0 → p2",
      ],
    },
    {
      title: "stays with the first of several that could be left as they are",
      types: "a b c",
      weights: [1, 3, 1],
      cap: 3,
      live: ["p0 a", "p2 a", "p1 b", "p1 b", "p4 b"],
      plan: ["1 update p2 h1 [c]", "1 delete p4 h4", "2 delete p1 h3"],
    },
  ])("$title", check);
});

describe("the fewest writes, among the fewest moves", () => {
  test.each<Case>([
    {
      title: "rounding up goes to the endpoints that can keep one event type more",
      types: "a b c",
      weights: [2, 1, 1],
      live: ["p1 c", "p2 a b"],
      plan: ["1 create p0 [b]", "2 update p2 h1 [a]", "b moves p2 → p0"],
    },
    {
      title: "a webhook without event types is not left as it is",
      types: "a",
      weights: [1, 2],
      live: ["p1"],
      plan: ["1 update p1 h0 [a]"],
    },
    {
      title: "nor is one with an event type that nobody wants",
      types: "a b c d e",
      weights: [1, 1],
      live: ["p0 e z"],
      plan: ["1 update p0 h0 [a c e]", "1 create p1 [b d]"],
    },
    {
      title: "where either is one write, pool order says whose share is rounded up",
      types: "a b",
      weights: [1, 7, 1],
      cap: 2,
      live: ["p1 a"],
      plan: ["1 create p0 [b]"],
    },
    {
      title: "where one more webhook costs as much as a change to one that is there, that one is changed",
      types: "a b",
      weights: [3, 1, 1],
      live: ["p0 b", "p0 b"],
      plan: ["1 update p0 h0 [a b]", "2 delete p0 h1"],
    },
    {
      title: "the webhook that is right is left, and the one that is not goes",
      types: "a",
      weights: [3, 1],
      live: ["p0 a, unmarked", "p1 a"],
      plan: ["1 delete p0 h0"],
    },
    {
      title: "rounding up goes to the webhook that is then left as it is",
      types: "a b",
      weights: [7, 2, 2],
      cap: 2,
      live: ["p1 b, disabled", "p2 a"],
      plan: ["1 create p0 [b]", "1 delete p1 h0", "b moves p1 → p0"],
    },
    {
      title: "a webhook that is written either way may be rounded up",
      types: "f e d c b a",
      weights: [1, 7, 1, 3],
      cap: 5,
      live: ["p1 a f"],
      plan: ["1 update p1 h0 [a c e f]", "1 create p3 [b d]"],
    },
    {
      title: "of two webhooks at one endpoint that are both right, the one that fits its quota is left",
      types: "a b",
      weights: [7, 1, 1, 2],
      cap: 5,
      live: ["p1 a b", "p1 b"],
      plan: ["1 create p0 [a]", "2 delete p1 h0", "a moves p1 → p0"],
    },
    {
      title:
        "a webhook is left as it is even where it only now gets to deliver an event type that it holds",
      types: "e d c b a",
      weights: [3, 7],
      cap: 5,
      state: "disabled",
      live: ["p1 b c d", "p2 a b e, enabled"],
      plan: ["1 update p0 h1 [a e]", "a moves p2 → p0", "b moves p2 → p1", "e moves p2 → p0"],
    },
    {
      title: "no webhook is left as it is at the price of a move",
      types: "a",
      weights: [2, 3, 3, 1],
      cap: 2,
      state: "disabled",
      live: ["p2 a", "p3 a, enabled, renamed"],
      plan: ["1 delete p2 h0", "1 update p3 h1 [a]"],
    },
    {
      title: "webhooks are not left as they are where another endpoint would get less than its share",
      types: "a b",
      weights: [1, 7, 1],
      cap: 2,
      live: ["p0 a", "p2 b", "p1 b z", "p2 a b z"],
      plan: ["1 update p1 h2 [b]", "1 delete p2 h3", "2 delete p2 h1"],
    },
    {
      title: "nor where the others would get more than theirs",
      types: "a b c d e",
      weights: [3, 2, 7],
      cap: 3,
      live: ["p0 e", "p1 a b, disabled", "p2 c d", "p2 e"],
      plan: ["1 update p1 h1 [a]", "1 update p2 h2 [b c d]", "2 delete p2 h3", "b moves p1 → p2"],
    },
  ])("$title", check);
});

describe("webhooks whose endpoint left", () => {
  test.each<Case>([
    {
      title: "are re-pointed at an endpoint that gets its first webhook by rounding up",
      types: "b a",
      weights: [7, 1],
      cap: 3,
      live: ["p0 b", "p2 a"],
      plan: ["1 update p1 h1 [a]", "a moves p2 → p1"],
    },
    {
      title: "go where a webhook is needed anyway, so that no other is made",
      types: "a b",
      weights: [1, 1, 7],
      live: ["p4 a b z"],
      plan: ["1 update p2 h0 [a b]", "a moves p4 → p2", "b moves p4 → p2"],
    },
    {
      title: "take their event types along",
      types: "a b c d",
      weights: [2, 7],
      cap: 2,
      live: ["p3 d"],
      plan: ["1 update p0 h0 [a d]", "1 create p1 [b c]", "d moves p3 → p0"],
    },
    {
      title: "are re-pointed in the order of their endpoints, then of their ids",
      types: "a",
      weights: [1],
      live: ["p3 a", "p2 a, unmarked", "p2 a"],
      plan: ["1 adopt p0 h1 [a]", "1 delete p2 h2", "1 delete p3 h0", "a moves p2 → p0"],
    },
    {
      title: "are where an event type comes from, the first by endpoint of several",
      types: "a",
      weights: [1],
      live: ["p2 a", "p1 a"],
      plan: ["1 update p0 h1 [a]", "1 delete p2 h0", "a moves p1 → p0"],
    },
  ])("$title", check);
});

describe("an event type is where it is delivered", () => {
  test.each<Case>([
    {
      title: "so keeping it on a disabled webhook is a move",
      types: "a",
      weights: [1],
      live: ["p0 a, disabled", "p2 a"],
      plan: ["1 update p0 h0 [a]", "2 delete p2 h1", "a moves p2 → p0"],
    },
    {
      title: "whatever the state that the manifest wants",
      types: "a",
      weights: [1],
      state: "disabled",
      live: ["p0 a", "p1 a, enabled"],
      plan: ["1 delete p1 h1", "a moves p1 → p0"],
    },
  ])("$title", check);
});
