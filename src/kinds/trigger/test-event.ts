// Asks the platform whether an event would start a trigger's workflow. The answer says it step by step: the event's form,
// the workflow, each condition. Nothing is started.
import type { CriterionTest, EventTest, TestStep } from "../../model/event-test.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { shownText } from "../../genesys/client/server-text.ts";
import { believe, expected, pathOf, type Parsed } from "../../genesys/parsed.ts";
import { trigger as kind } from "./kind.ts";

/** More words, conditions or values than anyone reads are dropped. */
const maxListed = 100;

/** `body` is the event's own body, without the envelope. Throws as the client does. */
export async function testEvent(id: string, body: unknown, api: Pick<Api, "request">): Promise<EventTest> {
  const at = `${pathOf(kind.path, id, "trigger")}${kind.eventTest?.path ?? ""}`;
  const answer = await api.request("POST", at, body);
  return believe(parseEventTest(answer.body), `POST ${at}`);
}

/** A part that is missing or of another form counts as not told. */
function parseEventTest(body: unknown): Parsed<EventTest> {
  if (!isObject(body)) return expected("a JSON object with the result of the test");
  const criteria = body["jsonPathValidation"];
  const details = isObject(criteria) ? criteria["details"] : null;
  return {
    ok: true,
    value: {
      matches: truthOf(body["triggerMatches"]),
      schema: parseStep(body["schemaValidation"]),
      target: parseStep(body["targetValidation"]),
      criteria: Array.isArray(details)
        ? details.slice(0, maxListed).flatMap((one: unknown) => parseCriterion(one) ?? [])
        : null,
    },
  };
}

function parseStep(found: unknown): TestStep | null {
  if (!isObject(found)) return null;
  const details: unknown = found["details"];
  const texts = Array.isArray(details) ? details.filter((one) => typeof one === "string") : [];
  return { matches: truthOf(found["matches"]), details: texts.slice(0, maxListed).map(shownText) };
}

function parseCriterion(found: unknown): CriterionTest | null {
  if (!isObject(found)) return null;
  const { jsonPath, operator, value, values, match, jsonPathExtraction: extracted } = found;
  if (typeof jsonPath !== "string" || typeof operator !== "string") return null;
  return {
    ...{ jsonPath, operator },
    ...(value === undefined || value === null ? {} : { value }),
    ...(Array.isArray(values) && values.length > 0 ? { values } : {}),
    matches: truthOf(match),
    found: Array.isArray(extracted)
      ? extracted.slice(0, maxListed).map((one: unknown) => (isObject(one) ? one["value"] : one))
      : null,
  };
}

function truthOf(found: unknown): boolean | null {
  return typeof found === "boolean" ? found : null;
}
