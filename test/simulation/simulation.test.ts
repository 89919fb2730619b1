// Seeded stories of the real pass on the embedded platform; and that each kind of harm would be seen.
import { describe, expect, test } from "vitest";
import { describeReport, describeTotals } from "./describe.ts";
import { addTotals, makeTotals } from "./journal.ts";
import { resourcesNames } from "./resources.ts";
import { simulate, type Sabotage } from "./simulate.ts";

/** For each resource. */
const usualSeeds = { webhooks: 300, integrations: 120, triggers: 120, mixed: 50 };
/** `SEEDS`: fewer, for a run of each mutant. */
const fewer = process.env["SEEDS"];
/** Of the faults that a request may meet, each before or after the commit counted for itself. */
const kindNames = 22;

test.each(resourcesNames)(
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
    const { refused, goneOver, handedOver } = totals;
    const across = resources === "mixed" ? { refused, goneOver, handedOver } : {};
    const happened = { ...totals.faults, ...counts, ...across };
    expect(Math.min(...Object.values(happened)), describeTotals(totals)).toBeGreaterThan(
      resources === "webhooks" ? 10 : 3,
    );
    expect(Object.keys(totals.faults).length, describeTotals(totals)).toBe(kindNames);
  },
);

test.each(resourcesNames)("the same seed tells the same story, of %s", async (resources) => {
  const options = { resources, story: true };
  const [one, other] = [await simulate(4, options), await simulate(4, options)];
  expect(one.story.length).toBeGreaterThan(20);
  expect(other).toEqual(one);
});

interface Harm {
  readonly harm: string;
  readonly check: string;
  /** Made anew for each story. */
  readonly sabotage: () => Sabotage;
}

const harms: readonly Harm[] = [
  {
    harm: "an intent that is not what it was",
    check: "intentFirst",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.intended"', '"change.imagined"') }),
  },
  {
    harm: "a trail that was changed afterwards",
    check: "chainSound",
    sabotage: () => ({ forge: (text) => text.replaceAll('"actor":"somebody', '"actor":"nobodies') }),
  },
  {
    harm: "an outcome that is not on record",
    check: "oneOutcomeEach",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.applied"', '"change.implied"') }),
  },
  {
    harm: "an intent that is left open",
    check: "noneLeftOpen",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.failed"', '"change.foiled"') }),
  },
  {
    harm: "a write that is confirmed and never made",
    check: "outcomesTrue",
    sabotage: () => ({ lie: onlyPretend(new Map()) }),
  },
  {
    harm: "a resource that is made twice",
    check: "nothingDoubled",
    sabotage: () => ({
      lie: (request, honest, { state, kind, nowMs }) => {
        const answer = honest();
        if (!kind || request.method === "GET") return answer;
        for (const id of [...kind.stored(state).keys()]) {
          const made = kind.look(state, id, nowMs);
          const twin = `${id}again`;
          if (made && !id.endsWith("again") && !kind.look(state, twin, nowMs))
            kind.put(state, { ...made, id: twin, name: "again" }, nowMs);
        }
        return answer;
      },
    }),
  },
  {
    harm: "a loser that is written when the gainer does not deliver",
    check: "noGap",
    sabotage: () => ({
      lie: (request, honest, { state, kind, nowMs }) => {
        const all = kind ? [...kind.stored(state).keys()] : [];
        const id = all.find((one) => request.url.includes(one)) ?? "";
        const before = kind?.look(state, id, nowMs);
        const answer = honest();
        const left = kind?.look(state, id, nowMs)?.eventTypes ?? [];
        const isLoss = before?.eventTypes.some((eventType) => !left.includes(eventType)) === true;
        for (const other of isLoss ? all : []) {
          const found = kind?.look(state, other, nowMs);
          if (found && other !== id) kind?.put(state, { ...found, intended: "disabled" }, nowMs);
        }
        return answer;
      },
    }),
  },
  {
    harm: "a resource of somebody else's that is written over",
    check: "othersUntouched",
    sabotage: () => ({
      resend: (send) => (request) =>
        send({
          ...request,
          ...(request.body ? { body: request.body.replace("(simulation)", "(somebody)") } : {}),
        }),
    }),
  },
  {
    harm: "a write that is sent twice for no reason",
    check: "resendsExplained",
    sabotage: () => ({
      resend: (send) => async (request) => {
        const answer = await send(request);
        return request.method === "PUT" && answer.status === 200 ? send(request) : answer;
      },
    }),
  },
  {
    harm: "a list that is asked for in vain",
    check: "settled",
    sabotage: () => ({
      resend: (send) => async (request) => {
        if (request.method === "GET") await send(request);
        return send(request);
      },
    }),
  },
  {
    harm: "a token in a file",
    check: "noSecrets",
    sabotage: () => ({
      forge: (text) => text.replace('"actor":"somebody@somewhere"', '"actor":"secret-of-the-simulation"'),
    }),
  },
];

describe.each(resourcesNames)("of %s the simulation sees", (resources) => {
  test.each(harms)("$harm", async ({ check, sabotage }) => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40 && !seen.has(check); seed += 1) {
      const { violations } = await simulate(seed, { resources, sabotage: sabotage() });
      for (const violation of violations) seen.add(violation.check);
    }
    expect([...seen]).toContain(check);
  });
});

/** What is read by its id afterwards is as written, and in the list and in truth it is as before. */
function onlyPretend(written: Map<string, object>): NonNullable<Sabotage["lie"]> {
  return (request, honest, { state, kind }) => {
    const stored = kind?.stored(state) as Map<string, object> | undefined;
    const id = [...(stored?.keys() ?? [])].find((one) => request.url.includes(one));
    const before = id === undefined ? undefined : stored?.get(id);
    if (!stored || id === undefined || before === undefined) return honest();
    stored.set(id, written.get(id) ?? before);
    const answer = honest();
    const after = stored.get(id);
    if (request.method !== "GET" && after) written.set(id, after);
    if (request.method !== "DELETE") stored.set(id, before);
    return answer;
  };
}
