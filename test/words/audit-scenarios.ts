// The runs of `audit log`, `audit verify` and `audit head`.
import { makeEntry } from "../audit/samples.ts";
import { lineOf, path, sealOne, started, trailOf, twoRuns, withLine, key } from "../cli/trails.ts";
import { formatRecord } from "../support/format-record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { trailPath } from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

const sound = trailOf(twoRuns);
const signed = trailOf([makeEntry(), makeEntry()], "k");
const hashOf = (text: string, number: number): string =>
  (JSON.parse(text.split("\n")[number - 1] ?? "") as AuditRecord).hash;

/** Of a command on this trail; without credentials, which it needs for nothing. */
const on = (
  text: string,
  argv: string,
  given: string,
  environment: Readonly<Record<string, string>> = {},
): Scenario => ({ given, argv, world: of({ [path]: text }), more: { environment } });

const unsignedLast = signed + formatRecord(sealOne({ seq: 3, prevHash: hashOf(signed, 2) }));
const likeRuns = trailOf([started("abcd-1"), started("abcd-2"), started("abcd")]);

export const audit: readonly Scenario[] = [
  { given: "the log", argv: "audit log", world: of(alpha), before: [""] },
  on(sound, "audit log", "the log of two runs, with a failed write and an open one"),
  on(sound, "audit log --group nobody", "no record that matches"),
  on("", "audit log", "no records"),
  { given: "no trail to show", argv: "audit log", world: of(alpha) },
  { given: "no trail of the sandbox", argv: "audit log --sandbox", world: of(alpha) },
  { given: "no trail where it is said to be", argv: "audit log --file other.log", world: of(alpha) },
  on(
    `not JSON\n${sound}{"seq":1}\n${sound.slice(0, -1)}`,
    "audit log --limit 1",
    "lines that are no records",
  ),
  on("x\n".repeat(25), "audit log", "many of them"),
  on(likeRuns, "audit log --run abcd-", "a run's beginning that several share"),
  on(likeRuns, "audit log --run abce", "one that none has"),
  on("", "audit log --since yesterday", "a time that is none"),
  on("", "audit log --run abc", "a run's beginning that is too short"),
  { given: "the check of a sound trail", argv: "audit verify", world: of(alpha), before: [""] },
  on(signed, "audit verify", "a signed trail", key),
  on(sound, "audit verify", "a key, and no record is signed", key),
  on(sound, `audit verify --expect-head ${hashOf(sound, 3)}`, "a head that the trail has outgrown"),
  {
    given: "the check of a broken one",
    argv: "audit verify",
    world: of(alpha),
    before: [""],
    change: ({ files }) => {
      files.set(trailPath, files.text(trailPath).replace("alpha", "alphb"));
    },
  },
  on(withLine(sound, 3, () => "").replace("\n\n", "\n"), "audit verify", "a line that was taken out"),
  on(
    withLine(sound, 2, () => "{}"),
    "audit verify",
    "a line that is no record",
  ),
  on(
    lineOf(sound, 1, 2, 3, 4, 5),
    `audit verify --expect-head ${hashOf(sound, 9)}`,
    "a tail that was cut, given the head",
  ),
  on(unsignedLast, "audit verify", "an unsigned record after a signed one", key),
  on(signed, "audit verify", "another key", { RECONCILE_AUDIT_KEY: "some-other-key" }),
  on(sound.slice(0, -1), "audit verify", "a torn last line"),
  on("", "audit verify", "a trail without a record"),
  { given: "no trail", argv: "audit verify", world: of(alpha) },
  {
    given: "a folder in place of a trail",
    argv: "audit verify --file logs",
    world: of({ "logs/a.log": sound }),
  },
  on("", "audit verify --expect-head 12ab", "a head that is none"),
  { given: "the head", argv: "audit head", world: of(alpha), before: [""] },
  on(sound.slice(0, -1), "audit head", "the head before a torn line"),
  on(`${withLine(sound, 9, () => "{}")}x\n`, "audit head", "the head before lines that are no records"),
  on("", "audit head", "no record, no head"),
  { given: "no trail, no head", argv: "audit head", world: of(alpha) },
  on(sound, "audit export --file copy.log", "a copy of the trail"),
  {
    given: "a copy where a file is",
    argv: "audit export --file copy.log",
    world: of({ [path]: sound, "copy.log": "mine" }),
  },
];
