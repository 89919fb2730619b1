// Whatever a hand has left in a line of the trail, no command ends in a bug report: it goes on, or names the line.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { oddities, spoil } from "../support/odd-json.ts";
import { reseal } from "../support/reseal.ts";
import { manifest, plantTrail, runWorld, type TestWorld } from "../support/world.ts";

const times = Number(process.env["TIMES"] ?? 1);
const trailPath = "audit-logs/subscription_audit.log";
const commands = [
  "plan",
  "audit log --all",
  "audit verify",
  "status",
  "rollback --last --dry-run",
  "rollback --last",
  "",
];

/** Two runs, the second cut short; then somebody switches everything off, so that there is drift to be told. */
async function startWorld(kind: TestKind): Promise<TestWorld> {
  const tail =
    kind.options?.key === "trigger"
      ? "  trigger: { matchCriteria: [{ jsonPath: mediaType, operator: Equal, value: VOICE }], delayBySeconds: 60 }"
      : "";
  const of = (eventTypes: readonly string[]) => manifest("alpha", { kind, eventTypes, tail });
  const files = { "subscriptions/a.yaml": of(kind.eventTypes.slice(0, 1)) };
  const { world } = await runWorld({ argv: "", files });
  world.files.set("subscriptions/a.yaml", of(kind.eventTypes));
  await runWorld({ argv: "", from: world });
  const lines = world.files.text(trailPath).split("\n").filter(Boolean);
  plantTrail(world.files, `${lines.slice(0, -2).join("\n")}\n`);
  kind.switchOff(world.state);
  return world;
}

function copyOf(world: TestWorld, trail: string): TestWorld {
  const texts = world.files.paths().map((path) => [path, world.files.text(path)] as const);
  const files = makeMemoryFiles(Object.fromEntries(texts));
  plantTrail(files, trail);
  return { ...world, files, state: structuredClone(world.state) };
}

describe.each(kinds)("of $nouns", (kind) => {
  test("whatever stands in a field, a command ends well or with words that name the line", async () => {
    const sound = await startWorld(kind);
    const text = sound.files.text(trailPath);
    const lines = text.split("\n").filter(Boolean);
    const edits = fc.record({ index: fc.nat(lines.length - 1), oddity: oddities, isSealed: fc.boolean() });
    const property = fc.asyncProperty(edits, fc.constantFrom(...commands), async (edit, argv) => {
      const { index, oddity, isSealed } = edit;
      const record = spoil(JSON.parse(lines[index] ?? "") as AuditRecord, oddity);
      const content = Object.fromEntries(Object.entries(record).filter(([key]) => key !== "seq"));
      const trail = isSealed
        ? reseal(text, ({ seq }) => (seq === index + 1 ? content : {}))
        : `${lines.with(index, JSON.stringify(record)).join("\n")}\n`;
      const from = copyOf(sound, trail);
      const { out, err, status } = await runWorld({ argv, from });
      expect(out + err).not.toMatch(/bug in reconcile|internal\/bug|Cannot read|is not a function/);
      if (argv.startsWith("rollback") && status !== 0) expect(out + err).toContain("error: ");
      const verified = await runWorld({ argv: "audit verify --json", from: copyOf(sound, trail) });
      const { ok, firstBroken } = JSON.parse(verified.out) as {
        ok: boolean;
        firstBroken: { line: number } | null;
      };
      if (!ok) expect([index + 1, index + 2]).toContain(firstBroken?.line);
    });
    const operation: Parameters<typeof spoil>[1] = { picks: [5], value: [null, null] };
    const examples: [{ index: number; oddity: typeof operation; isSealed: boolean }, string][] = [
      [{ index: 5, oddity: operation, isSealed: false }, "audit log --all"],
    ];
    await fc.assert(property, { numRuns: 60 * times, examples });
  });

  test("a last record that makes no sense is a warning of a pass that names its line, and no drift", async () => {
    const sound = await startWorld(kind);
    const text = sound.files.text(trailPath);
    const line = text.split("\n").findLastIndex((one) => one.includes('"change.applied"')) + 1;
    const trail = reseal(text, ({ seq, after }) =>
      seq === line ? { after: { ...after, eventTypes: [{}] } } : {},
    );
    const { out, status } = await runWorld({ argv: "plan", from: copyOf(sound, trail) });
    expect(out).toContain(
      `warning: line ${line} of ${trailPath} is not a sound record: after.eventTypes[0] is not text [audit/malformed]`,
    );
    expect(status).toBe(0);
    const verified = await runWorld({ argv: "audit verify", from: copyOf(sound, trail) });
    expect(verified.out).toContain(
      `line ${line} is not a sound record: its after.eventTypes[0] is not text [audit/malformed]`,
    );
    const back = await runWorld({ argv: "rollback --last", from: copyOf(sound, trail) });
    expect(back.err).toContain(
      `error: line ${line} of ${trailPath} is not a valid audit record [audit/malformed]`,
    );
    expect(back.world.requests).toEqual([]);
  });
});

test.each([
  {},
  "x",
  { matchCriteria: [null] },
  { matchCriteria: "x" },
  [],
  { matchCriteria: { length: 1 } },
])("a recorded trigger of %j ends no command", async (trigger) => {
  const [, , triggers] = kinds;
  if (!triggers) throw new Error("three kinds");
  const sound = await startWorld(triggers);
  const trail = reseal(sound.files.text(trailPath), ({ event, after }) =>
    event === "change.applied" ? { after: { ...after, trigger } } : {},
  );
  for (const argv of commands) {
    const { out, err } = await runWorld({ argv, from: copyOf(sound, trail) });
    expect(out + err).not.toMatch(/bug in reconcile/);
  }
});
