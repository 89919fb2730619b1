// Checks the options of a document that comes from JSON which someone may have edited, as schema/document.ts publishes them.
// A line of the trail is read before its kind is known, so the forms are here and not in the kinds' modules.
import {
  anything,
  listOf,
  number,
  object,
  optional,
  orNull,
  text,
  truth,
  type Shape,
} from "../lib/shape.ts";
import type { DocumentOptions, OptionsKey, OptionsValue } from "./options.ts";

interface OptionForm<Value> {
  readonly shape: Shape;
  /** Returns the known fields alone. */
  readonly pick: (value: Value) => Value;
}

const forms: { readonly [K in OptionsKey]: OptionForm<OptionsValue<K>> } = {
  retryPolicy: {
    shape: orNull(object({ retryCount: number, retryInterval: text, retryOnTimeout: truth })),
    pick: ({ retryCount, retryInterval, retryOnTimeout }) => ({
      retryCount,
      retryInterval,
      retryOnTimeout,
    }),
  },
  trigger: {
    shape: optional(
      object({
        matchCriteria: listOf(
          object({
            jsonPath: text,
            operator: text,
            value: optional(anything),
            values: optional(listOf(anything)),
          }),
        ),
        eventTTLSeconds: orNull(number),
        delayBySeconds: orNull(number),
        dataFormat: optional(text),
      }),
    ),
    pick: ({ matchCriteria, eventTTLSeconds, delayBySeconds, dataFormat }) => ({
      matchCriteria: matchCriteria.map(({ jsonPath, operator, value, values }) => ({
        ...{ jsonPath, operator },
        ...(value === undefined ? {} : { value }),
        ...(values === undefined ? {} : { values }),
      })),
      ...{ eventTTLSeconds, delayBySeconds },
      ...(dataFormat === undefined ? {} : { dataFormat }),
    }),
  },
};

/** The keys of a document without options. */
export const noOptions: DocumentOptions = { retryPolicy: null };

export const optionsKeys = Object.keys(forms) as readonly OptionsKey[];

export const optionShapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(forms).map(([key, { shape }]) => [key, shape]),
);

/** Returns the options that a document has, with their known fields alone. */
export function pickOptions(found: DocumentOptions): Partial<DocumentOptions> {
  return Object.fromEntries(optionsKeys.flatMap((key) => pickOne(key, found)));
}

function pickOne<K extends OptionsKey>(key: K, found: DocumentOptions): [K, OptionsValue<K>][] {
  const value = found[key];
  return value ? [[key, forms[key].pick(value)]] : [];
}
