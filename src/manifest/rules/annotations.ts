// Rule: an annotation under `reconcile.genesys/` is one of two, and gives a reason. A misspelt one would have no
// effect, so it is an error, or a warning without the prefix.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { createOnlyKey, freezeKey, reasonIn, type Draft, type KeyedText } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";

const prefix = "reconcile.genesys/";

/** A reason must fit in one line of a table. */
const maxReasonLength = 200;

interface AnnotationRule {
  readonly key: string;
  /** The end of its diagnostics' codes. */
  readonly code: string;
  /** Describes what the reason must tell. */
  readonly why: string;
  /** Describes the group's state that a misspelt key fails to bring about. */
  readonly effect: string;
}

const known: readonly AnnotationRule[] = [
  { key: freezeKey, code: "Freeze", why: "why the group is frozen and until when", effect: "frozen" },
  {
    key: createOnlyKey,
    code: "CreateOnly",
    why: "what the group waits for",
    effect: "limited to new resources",
  },
];

export function annotations({ annotations: entries }: Draft): readonly Diagnostic[] {
  return entries.flatMap((entry) => {
    const one = known.find(({ key }) => key === entry.key);
    return one ? checkReason(entry, one) : checkKey(entry);
  });
}

function checkReason(
  { value, place }: KeyedText,
  { key, code, why }: AnnotationRule,
): readonly Diagnostic[] {
  const { length } = reasonIn(value) ?? "";
  if (length > 0 && length <= maxReasonLength) return [];
  if (length === 0)
    return [
      errorAt(place, {
        code: `annotations/empty${code}`,
        message: `${key} is empty`,
        hint: `write ${why}, or remove the annotation`,
      }),
    ];
  return [
    errorAt(place, {
      code: `annotations/long${code}`,
      message: `the reason of ${key} has ${length} characters, but at most ${maxReasonLength} are allowed`,
      hint: "write one line, with a link to the rest",
    }),
  ];
}

function checkKey({ key, keyPlace }: KeyedText): readonly Diagnostic[] {
  if (key.startsWith(prefix)) {
    const names = known.map((one) => one.key.slice(prefix.length));
    const nearest = findNearest(key.slice(prefix.length), names);
    const message = `unknown annotation ${quote(key)}`;
    const hint =
      nearest === undefined
        ? `reconcile reads only ${known.map((one) => one.key).join(" and ")}`
        : didYouMean(prefix + nearest);
    return [errorAt(keyPlace, { code: "annotations/unknownKey", message, hint })];
  }
  // A key without the prefix may be the user's own, so only one that resembles ours is a warning.
  const nearest = findNearest(
    key,
    known.map((one) => one.key),
  );
  const one = known.find((other) => other.key === nearest);
  if (!one) return [];
  const message = `reconcile does not read the annotation ${quote(key)}: the group is not ${one.effect}`;
  return [warningAt(keyPlace, { code: "annotations/nearKey", message, hint: didYouMean(one.key) })];
}

function didYouMean(key: string): string {
  return `did you mean "${key}"?`;
}
