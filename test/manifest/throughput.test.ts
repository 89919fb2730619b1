// How often the triggers of the manifests would start workflows, against what the platform allows.
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { runWorld } from "../support/world.ts";
import { anything, manifestText } from "./manifest-text.ts";

const [one, other] = ["7a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a", "8a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a"];
const topics = ["presence", "activity", "station", "geolocation", "alerts"];

interface Group {
  readonly rate: number | null;
  readonly endpoint?: string;
  readonly types?: number;
  readonly more?: string;
}

/** Returns the warnings about rates of groups with these rates, in events a second for each event type. */
function warn(...groups: readonly Group[]): readonly string[] {
  const files = groups.map(({ rate, endpoint = `workflow:${one}`, types = 1, more = "" }, index) => ({
    file: `${index}.yaml`,
    text: manifestText(
      {
        name: `  name: g${index}`,
        endpointUrl: `  endpointUrl: ${endpoint}`,
        eventTypes: `  eventTypes: [${topics
          .slice(0, types)
          .map((name) => `"v2.users.{id}.${name}"`)
          .join(", ")}]`,
        offsetTracking: `  offsetTracking: { stateFile: /var/data/${index}.json }`,
      },
      `${rate === null ? "" : `  historicalRate: ${rate}\n`}${more}`,
    ),
  }));
  const { ok, diagnostics } = makeSubscriptions(files, anything);
  expect(ok).toBe(true);
  return diagnostics
    .filter(({ code }) => code.startsWith("historicalRate/"))
    .map(
      ({ severity, code, message, hint, file, line, column }) =>
        `${severity} ${file ?? ""}:${line ?? 0}:${column ?? 0} ${code}: ${message}; ${hint ?? ""}`,
    );
}

const hint =
  "state the rate of the events that match spec.trigger, let fewer events match, or ask Genesys Cloud for higher limits (namespace event.orchestration); the estimate is historicalRate × event types × 0.8";

describe("what a manifest's triggers start", () => {
  it("is within the limits up to 36,000 an hour", () => {
    // 12.5 × 0.8 events a second are 36,000 an hour.
    expect(warn({ rate: 12.5 })).toEqual([]);
    expect(warn({ rate: 2.5, types: 5 })).toEqual([]);
  });

  it("is warned of above that, at the rate, with the numbers", () => {
    expect(warn({ rate: 12.6 })).toEqual([
      `warning 0.yaml:9:19 historicalRate/overLimit: the triggers of this group would start workflows about 36,288 times an hour, where Genesys Cloud allows an organisation 36,000; ${hint}`,
    ]);
    expect(warn({ rate: 100, types: 5 })).toEqual([
      `warning 0.yaml:9:19 historicalRate/overLimit: the triggers of this group would start workflows about 1,440,000 times an hour, where Genesys Cloud allows an organisation 36,000; start workflows about 24,000 times a minute, where Genesys Cloud allows an organisation 6,000; start workflow:${one} about 24,000 times a minute, where Genesys Cloud allows one target 4,800; ${hint}`,
    ]);
  });

  it("is not guessed where the manifest states no rate", () => {
    expect(warn({ rate: null, types: 5 })).toEqual([]);
  });

  it("is nothing while the group is disabled", () => {
    expect(warn({ rate: 1_000, more: "  state: disabled\n" })).toEqual([]);
  });

  it("has no limit for other endpoints", () => {
    expect(warn({ rate: 1_000, endpoint: "eventbridge://123456789012/us-east-1/genesys" })).toEqual([]);
    expect(warn({ rate: 1_000, endpoint: "https://a.example.com/hook" })).toEqual([]);
  });
});

describe("what the triggers of all manifests start", () => {
  it("is added up, and said once, where the sum passes the limit", () => {
    const quarter = { rate: 4 };
    expect(warn(quarter, quarter, quarter)).toEqual([]);
    expect(warn(quarter, quarter, quarter, quarter, quarter)).toEqual([
      `warning 3.yaml:9:19 historicalRate/overLimit: the triggers of this group and of the 3 before it would start workflows about 46,080 times an hour, where Genesys Cloud allows an organisation 36,000; ${hint}`,
    ]);
  });

  it("counts for a workflow what several groups send it, and what a pool gives it", () => {
    const pool = `  endpointPool: ["workflow:${one}", { url: "workflow:${other}", weight: 3 }]\n  rebalance: { mode: always }\n`;
    const [told = ""] = warn({ rate: 65, types: 2, more: pool });
    // Three quarters of 104 events a second.
    expect(told).toContain(
      "start workflows about 6,240 times a minute, where Genesys Cloud allows an organisation 6,000;",
    );
    expect(told).not.toContain("one target");
    const [, second = ""] = warn(
      { rate: 65, types: 2, more: pool },
      { rate: 3, endpoint: `workflow:${other}` },
    );
    expect(second).toBe(
      `warning 1.yaml:9:19 historicalRate/overLimit: the triggers of this group and of the 1 before it would start workflow:${other} about 4,824 times a minute, where Genesys Cloud allows one target 4,800; ${hint}`,
    );
  });
});

it("is warned of by a plan, too", async () => {
  const text = manifestText(
    {
      endpointUrl: `  endpointUrl: workflow:${one}`,
      eventTypes: '  eventTypes: ["v2.users.{id}.presence"]',
    },
    "  historicalRate: 20\n",
  );
  const { out } = await runWorld({ argv: "plan --output json", files: { "/subscriptions/a.yaml": text } });
  const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly Diagnostic[] };
  expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([["historicalRate/overLimit", 9]]);
});
