// Seeded stories of the real pass on the embedded platform; and that each kind of harm would be seen.
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../../src/model/http.ts";
import type { StoredWebhook } from "../../src/sandbox/state.ts";
import { describeReport, describeTotals } from "./describe.ts";
import { addTotals, makeTotals } from "./journal.ts";
import type { KindName } from "./resources.ts";
import { simulate, type Sabotage } from "./simulate.ts";

/** For each resource. */
const usualSeeds = { webhooks: 300, integrations: 120, triggers: 120 };
/** `SEEDS`: fewer, for a run of each mutant. */
const fewer = process.env["SEEDS"];
/** Of the faults that a request may meet, each before or after the commit counted for itself. */
const kindNames = 22;

test.each(Object.keys(usualSeeds) as KindName[])(
  "through faults, crashes and edits by hand every promise holds, for %s",
  { timeout: 600_000 },
  async (resources) => {
    const seeds = Number(fewer ?? usualSeeds[resources]);
    const failed: string[] = [];
    const totals = makeTotals();
    for (let seed = 1; seed <= seeds; seed += 1) {
      const report = await simulate(seed, { resources });
      addTotals(totals, report.totals);
      if (report.violations.length > 0) failed.push(describeReport(report, resources));
    }
    expect(failed.join("\n")).toBe("");
    if (fewer !== undefined) return;
    // All this comes to nothing where nothing happens.
    const { crashes, edits, diskFaults, lateCommits, recovered, interrupts, ofOneGroup, invalid } = totals;
    const counts = { crashes, edits, diskFaults, lateCommits, recovered, interrupts, ofOneGroup, invalid };
    const happened = { ...totals.faults, ...counts };
    expect(Math.min(...Object.values(happened)), describeTotals(totals)).toBeGreaterThan(
      resources === "webhooks" ? 10 : 3,
    );
    expect(Object.keys(totals.faults).length, describeTotals(totals)).toBe(kindNames);
  },
);

test("the same seed tells the same story", async () => {
  const [one, other] = [await simulate(4, { story: true }), await simulate(4, { story: true })];
  expect(one.story.length).toBeGreaterThan(20);
  expect(other).toEqual(one);
});

const harms: readonly { readonly harm: string; readonly check: string; readonly sabotage: Sabotage }[] = [
  {
    harm: "an intent that is not what it was",
    check: "intentFirst",
    sabotage: { forge: (text) => text.replaceAll('"change.intended"', '"change.imagined"') },
  },
  {
    harm: "a trail that was changed afterwards",
    check: "chainSound",
    sabotage: { forge: (text) => text.replaceAll('"actor":"somebody', '"actor":"nobodies') },
  },
  {
    harm: "an outcome that is not on record",
    check: "oneOutcomeEach",
    sabotage: { forge: (text) => text.replaceAll('"change.applied"', '"change.implied"') },
  },
  {
    harm: "an intent that is left open",
    check: "noneLeftOpen",
    sabotage: { forge: (text) => text.replaceAll('"change.failed"', '"change.foiled"') },
  },
  {
    harm: "a write that is confirmed and never made",
    check: "outcomesTrue",
    sabotage: {
      lie: (request, honest) => (request.method === "PUT" ? pretend(request.url, request.body) : honest()),
    },
  },
  {
    harm: "a webhook that is made twice",
    check: "nothingDoubled",
    sabotage: {
      lie: (request, honest, webhooks) => {
        const answer = honest();
        const made =
          request.method === "POST" && answer.status === 201 ? [...webhooks.values()].at(-1) : undefined;
        if (made) webhooks.set(`${made.id}again`, { ...made, id: `${made.id}again`, name: "again" });
        return answer;
      },
    },
  },
  {
    harm: "a loser that is written when the gainer does not deliver",
    check: "noGap",
    sabotage: {
      lie: (request, honest, webhooks) => {
        const id = request.url.split("/").at(-1) ?? "";
        const isLoss = request.method === "DELETE" || request.method === "PUT";
        for (const [other, webhook] of isLoss ? [...webhooks] : [])
          if (other !== id) webhooks.set(other, { ...webhook, state: "disabled" });
        return honest();
      },
    },
  },
  {
    harm: "a webhook of somebody else's that is written over",
    check: "othersUntouched",
    sabotage: {
      resend: (send) => (request) =>
        send({
          ...request,
          ...(request.body ? { body: request.body.replace("(simulation)", "(somebody)") } : {}),
        }),
    },
  },
  {
    harm: "a write that is sent twice for no reason",
    check: "resendsExplained",
    sabotage: {
      resend: (send) => async (request) => {
        const answer = await send(request);
        return request.method === "PUT" && answer.status === 200 ? send(request) : answer;
      },
    },
  },
  {
    harm: "a list that is asked for in vain",
    check: "settled",
    sabotage: {
      resend: (send) => async (request) => {
        if (request.method === "GET") await send(request);
        return send(request);
      },
    },
  },
  {
    harm: "a token in a file",
    check: "noSecrets",
    sabotage: {
      forge: (text) => text.replace('"actor":"somebody@somewhere"', '"actor":"secret-of-the-simulation"'),
    },
  },
];

describe("the simulation sees", () => {
  test.each(harms)("$harm", async ({ check, sabotage }) => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40 && !seen.has(check); seed += 1) {
      for (const violation of (await simulate(seed, { sabotage })).violations) seen.add(violation.check);
    }
    expect([...seen]).toContain(check);
  });
});

/** What the platform would say to a PUT. */
function pretend(url: string, body = "{}"): HttpResponse {
  const id = url.split("/").at(-1) ?? "";
  const stored = { id, ...(JSON.parse(body) as Partial<StoredWebhook>) };
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(stored) };
}
