// Of the annotations under `reconcile.genesys/` there are two, and they say why: a freeze that is misspelt freezes nothing.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { createOnlyKey, freezeKey, reasonIn, type Draft, type Entry } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";

const prefix = "reconcile.genesys/";

/** One line of a table. */
const maxReasonLength = 200;

interface Known {
  readonly key: string;
  /** In the codes of its problems. */
  readonly code: string;
  /** What its reason says. */
  readonly why: string;
  /** What the group is not where the key is misspelt. */
  readonly effect: string;
}

const known: readonly Known[] = [
  { key: freezeKey, code: "Freeze", why: "why the group is frozen and until when", effect: "frozen" },
  { key: createOnlyKey, code: "CreateOnly", why: "what the group waits for", effect: "held to creates" },
];

export function annotations({ annotations: entries }: Draft): readonly Diagnostic[] {
  return entries.flatMap((entry) => {
    const one = known.find(({ key }) => key === entry.key);
    return one ? checkReason(entry, one) : checkKey(entry);
  });
}

function checkReason({ value, place }: Entry, { key, code, why }: Known): readonly Diagnostic[] {
  const { length } = reasonIn(value) ?? "";
  if (length > 0 && length <= maxReasonLength) return [];
  if (length === 0)
    return [
      errorAt(place, {
        code: `annotations/empty${code}`,
        message: `${key} is empty`,
        hint: `say ${why}, or take the annotation away`,
      }),
    ];
  return [
    errorAt(place, {
      code: `annotations/long${code}`,
      message: `the reason of ${key} has ${length} characters, and at most ${maxReasonLength} fit`,
      hint: "say it in one line, with a link to the rest",
    }),
  ];
}

function checkKey({ key, keyPlace }: Entry): readonly Diagnostic[] {
  if (key.startsWith(prefix)) {
    const names = known.map((one) => one.key.slice(prefix.length));
    const nearest = findNearest(key.slice(prefix.length), names);
    const message = `unknown annotation ${quote(key)}`;
    const hint =
      nearest === undefined
        ? `those of reconcile are ${known.map((one) => one.key).join(" and ")}`
        : didYouMean(prefix + nearest);
    return [errorAt(keyPlace, { code: "annotations/unknownKey", message, hint })];
  }
  // Any other key is the user's own.
  const nearest = findNearest(
    key,
    known.map((one) => one.key),
  );
  const one = known.find((other) => other.key === nearest);
  if (!one) return [];
  const message = `the annotation ${quote(key)} means nothing to reconcile: the group is not ${one.effect}`;
  return [warningAt(keyPlace, { code: "annotations/nearKey", message, hint: didYouMean(one.key) })];
}

function didYouMean(key: string): string {
  return `did you mean "${key}"?`;
}
