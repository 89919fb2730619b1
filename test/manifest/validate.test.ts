// Good manifests: what they become, what they are warned of, and that all files are judged in one go.
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { describe, expect, test } from "vitest";
import { limitDiagnostics } from "../../src/manifest/problem.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { nowhere } from "../../src/model/diagnostic.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { anything, catalogOf, eventTypesLine, manifestText as text, poolLine } from "./manifest-text.ts";

function subscriptionsOf(given: string): readonly Subscription[] {
  const made = makeSubscriptions([{ file: "a.yaml", text: given }], anything);
  if (!made.ok) throw new Error(JSON.stringify(made.diagnostics));
  return made.value.subscriptions;
}

function warningsOf(given: string): readonly (readonly [string, number | null, string | null])[] {
  const made = makeSubscriptions([{ file: "a.yaml", text: given }], anything);
  expect(made.ok).toBe(true);
  return made.diagnostics.map(({ code, line, hint }) => [code, line, hint]);
}

describe("a manifest becomes a subscription", () => {
  test("with a default for all that it leaves out", () => {
    const place = { file: "a.yaml", line: 1, column: 1 };
    expect(subscriptionsOf(text())).toEqual([
      {
        name: "alpha",
        labels: {},
        group: "alpha",
        kind: webhook,
        endpointUrl: "https://a.example.com/hook",
        endpointPool: [],
        eventTypes: ["routing.queue.created"],
        retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
        state: "enabled",
        offsetTracking: { enabled: true, stateFile: "/var/data/alpha.json" },
        rebalanceMode: "overLimit",
        historicalRate: 100,
        rateAssumed: true,
        trigger: { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null },
        freeze: null,
        createOnly: null,
        place,
      },
    ]);
  });

  test("as written where it says everything", () => {
    const [subscription] = subscriptionsOf(`
# yaml-language-server: $schema=webhook-subscription.v1.json
---
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: analytics
  labels: { team: data }
  annotations: { runbook: "https://wiki.example.com" }
spec:
  consumerGroupId: Analytics.Group:1
  endpointUrl: https://a.example.com/1
  endpointPool:
    - https://a.example.com/1
    - { url: https://a.example.com/2, weight: 1000 }
    - { url: https://a.example.com/3 }
  eventTypes: [b.c, "v2.users.{id}.presence", a.*]
  retryPolicy: { retryCount: 0, retryInterval: PT90S, retryOnTimeout: false }
  state: disabled
  offsetTracking: { enabled: false, stateFile: ./offsets.json }
  rebalance: { mode: always }
  historicalRate: 0.5
`);
    expect(subscription).toMatchObject({
      name: "analytics",
      labels: { team: "data" },
      group: "Analytics.Group:1",
      endpointPool: [
        { url: "https://a.example.com/1", weight: 1 },
        { url: "https://a.example.com/2", weight: 1000 },
        { url: "https://a.example.com/3", weight: 1 },
      ],
      eventTypes: ["b.c", "v2.users.{id}.presence", "a.*"],
      retryPolicy: { retryCount: 0, retryInterval: "PT90S", retryOnTimeout: false },
      state: "disabled",
      offsetTracking: { enabled: false, stateFile: "./offsets.json" },
      rebalanceMode: "always",
      historicalRate: 0.5,
      freeze: null,
      createOnly: null,
      place: { file: "a.yaml", line: 4, column: 1 },
    });
  });

  test("in the order of the files and their documents, with BOM, CRLF and a document end", () => {
    const named = (name: string): string =>
      text({ name: `  name: ${name}`, offsetTracking: `  offsetTracking: { stateFile: ${name} }` });
    const files = [
      { file: "2.yaml", text: `\uFEFF${named("d")}---\n${named("c")}...\n`.replaceAll("\n", "\r\n") },
      { file: "1.yaml", text: named("b") },
    ];
    const made = makeSubscriptions(files, anything);
    expect(made.ok && made.value.subscriptions.map(({ name }) => name)).toEqual(["d", "c", "b"]);
  });

  test("no files, no subscriptions", () => {
    expect(makeSubscriptions([], anything)).toEqual({
      ok: true,
      value: { subscriptions: [] },
      diagnostics: [],
    });
  });
});

describe("a warning does not stop a manifest:", () => {
  const hook = `"https://a.example.com/hook"`;
  const pool = `  endpointPool: [${hook}, "https://a.example.com/2"]\n`;
  const always = "  rebalance: { mode: always }\n";
  const toAlways = "set rebalance: { mode: always } to split them over the pool whatever their number";

  test.each([
    [13, []],
    [14, [["eventTypes/nearLimit", 7, toAlways]]],
    [15, [["eventTypes/nearLimit", 7, toAlways]]],
    [16, [["eventTypes/nearLimit", 7, toAlways]]],
    [17, []],
  ])("%i event types with a pool", (number, expected) => {
    expect(warningsOf(text({ eventTypes: eventTypesLine(number) }, pool))).toEqual(expected);
  });

  test("none near the limit without a pool, or where they are always split", () => {
    expect(warningsOf(text({ eventTypes: eventTypesLine(15) }))).toEqual([]);
    expect(warningsOf(text({ eventTypes: eventTypesLine(15) }, pool + always))).toEqual([]);
  });

  test("an endpointUrl outside the pool, while the pool is in use", () => {
    const hint = "add it to the pool if it should get events";
    expect(warningsOf(text({}, poolLine(2)))).toEqual([]);
    expect(warningsOf(text({}, poolLine(2) + always))).toEqual([["endpointUrl/unused", 6, hint]]);
    expect(warningsOf(text({}, pool + always))).toEqual([]);
    expect(warningsOf(text({ eventTypes: eventTypesLine(20) }, poolLine(2)))).toEqual([
      ["endpointUrl/unused", 6, hint],
    ]);
  });

  test("a query string, which is not repeated", () => {
    const given = text({ endpointUrl: "  endpointUrl: https://a.example.com/hook?token=s3cret" });
    const made = makeSubscriptions([{ file: "a.yaml", text: given }], anything);
    expect(made).toMatchObject({
      ok: true,
      diagnostics: [
        {
          severity: "warning",
          code: "endpointUrl/queryString",
          message:
            '"https://a.example.com/hook?…" has a query string; a secret in it is kept in the audit trail',
          line: 6,
          column: 16,
        },
      ],
    });
  });
});

test("hosts: * stands for any host below, and spelling does not matter", () => {
  const options = {
    ...anything,
    allowedEndpointHosts: ["*.Example.com", "Other.example", "[2001:DB8:0::1]"],
  };
  const pool = ["https://x.y.EXAMPLE.com/", "https://other.example:8443/", "https://[2001:db8::1]/"];
  const given = text({}, `  endpointPool: ${JSON.stringify(pool)}\n`);
  expect(makeSubscriptions([{ file: "a.yaml", text: given }], options)).toMatchObject({ ok: true });
});

test("the catalogue: {id} stands for any one part", () => {
  const catalog = catalogOf("v2.users.{id}.presence", "routing.queue.created");
  const judge = (eventTypes: string): readonly string[] =>
    makeSubscriptions([{ file: "a.yaml", text: text({ eventTypes: `  eventTypes: [${eventTypes}]` }) }], {
      ...anything,
      catalog,
    }).diagnostics.map(({ message }) => message);
  expect(judge('v2.users.42.presence, "v2.users.{id}.presence", routing.queue.created')).toEqual([]);
  expect(judge("v2.users.4.2.presence, v2.users.presence, routing.queue")).toHaveLength(3);
});

test("all files and documents are judged in one go, and every mistake of a document is told", () => {
  const bad = text(
    { endpointUrl: "  endpointUrl: http://a.example.com", eventTypes: "  eventTypes: [a.b, x, a.b]" },
    "  banana: 1\n  state: off\n",
  );
  const files = [
    { file: "a.yaml", text: text({ name: "  name: A" }) },
    { file: "b.yaml", text: `${bad}---\nkind: x\n---\n{` },
  ];
  const { ok, diagnostics } = makeSubscriptions(files, anything);
  expect(ok).toBe(false);
  expect(diagnostics.map(({ file, line, code }) => `${file ?? ""}:${line ?? 0} ${code}`)).toEqual([
    "a.yaml:4 name/malformed",
    "b.yaml:6 endpointUrl/notHttps",
    "b.yaml:7 eventTypes/malformed",
    "b.yaml:7 eventTypes/repeated",
    "b.yaml:8 stateFile/notUnique",
    "b.yaml:9 spec/unknownKey",
    "b.yaml:10 state/unknown",
    "b.yaml:12 kind/unknown",
    "b.yaml:14 yaml/syntax",
  ]);
});

test("more than 200 diagnostics are cut, errors first, and the last line says how many more there are", () => {
  const labels = Array.from({ length: 150 }, (_, index) => `  l${index}: 1\n`).join("");
  const warned = (index: number): string =>
    text({
      name: `  name: w${index}`,
      endpointUrl: "  endpointUrl: https://a.example.com/?q",
      offsetTracking: `  offsetTracking: { stateFile: w${index} }`,
    });
  const files = [
    { file: "a.yaml", text: Array.from({ length: 100 }, (_, index) => warned(index)).join("---\n") },
    { file: "b.yaml", text: text({ metadata: `metadata:\n${labels}` }) },
  ];
  const { diagnostics } = makeSubscriptions(files, anything);
  expect(diagnostics).toHaveLength(201);
  expect(diagnostics.filter(({ code }) => code === "metadata/unknownKey")).toHaveLength(150);
  expect(diagnostics.at(-1)).toMatchObject({
    severity: "warning",
    code: "diagnostics/tooMany",
    message: "50 more problems are not shown, 0 of them errors",
  });
});

test.each([
  [1, "1 more problem is not shown, 1 of them an error"],
  [2, "2 more problems are not shown, 2 of them errors"],
])("beyond the limit, %i more is counted in words that fit", (more, message) => {
  const diagnostic = { severity: "error", code: "x/y", message: "no", hint: null, ...nowhere } as const;
  const all = Array.from({ length: 200 + more }, () => diagnostic);
  expect(limitDiagnostics(all).at(-1)).toMatchObject({ message });
});

test("a thousand manifests with repeated names are compared in no time worth noting", () => {
  const files = Array.from({ length: 1000 }, (_, index) => ({
    file: `${String(index).padStart(4, "0")}.yaml`,
    text: text({ offsetTracking: `  offsetTracking: { stateFile: f${index} }` }),
  }));
  const { diagnostics } = makeSubscriptions(files, anything);
  expect(diagnostics.at(0)).toMatchObject({ code: "name/notUnique", file: "0001.yaml" });
  expect(diagnostics.at(-1)).toMatchObject({
    message: "799 more problems are not shown, 799 of them errors",
  });
});

test("after three files that are far too long, no further one is read", () => {
  const tooLong = "#\n".repeat(151_000);
  const files = Array.from({ length: 6 }, (_, index) => ({ file: `${index}.yaml`, text: tooLong }));
  const { ok, diagnostics } = makeSubscriptions(files, anything);
  const said = diagnostics.map(({ code, file }) => `${code} ${file ?? ""}`);
  expect([ok, said.filter((one) => /tooLong|notRead/.test(one))]).toEqual([
    false,
    ["yaml/tooLong 0.yaml", "yaml/tooLong 1.yaml", "yaml/tooLong 2.yaml", "yaml/notRead 3.yaml"],
  ]);
});
