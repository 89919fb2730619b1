// The limits of lists from a hostile platform: of their size, their entities, and the work that a page makes.
import { describe, expect, test } from "vitest";
import { hideSecrets } from "../../src/genesys/client/hide-secrets.ts";
import { parseAnswer } from "../../src/genesys/client/parse-answer.ts";
import { makeTriggersDriver } from "../../src/kinds/trigger/driver.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { makeFakeApi, ok, portsOn } from "./fake-api.ts";
import { failureOf, reply } from "./fake-send.ts";

const MiB = 1024 * 1024;

/** A list without an end, by number and by cursor. */
const lists = {
  webhooks: (api: ReturnType<typeof makeFakeApi>) => makeWebhooksDriver({ api }).list(),
  triggers: (api: ReturnType<typeof makeFakeApi>) => makeTriggersDriver(portsOn(api)).list(),
};

describe.each(Object.entries(lists))("a list of %s", (nouns, list) => {
  const endless = (entities: (index: number) => readonly unknown[], sizeBytes = 0) =>
    makeFakeApi((_, index) => ({
      ...ok({ entities: entities(index), total: 100_000, pageCount: 1_000, nextUri: `/x?after=${index}` }),
      sizeBytes,
    }));

  test("of more than 64 MiB over its pages is refused, whatever a page holds", async () => {
    const api = endless(() => [], 8 * MiB);
    const failure = await failureOf(list(api));
    expect(failure.code).toBe("api/listTooLarge");
    expect(failure.message).toContain(`the pages of ${nouns} are larger than 64 MiB together`);
    expect(failure.hint).toContain("GENESYS_API_URL");
    expect(api.calls.length).toBeLessThan(30);
  });

  test("of more than 50,000 entities is refused before they are looked at, however few its pages are", async () => {
    const page = Array.from({ length: 50_001 }, () => null);
    const sole = await failureOf(list(endless(() => page)));
    expect([sole.code, sole.message.replace(/^.*: /, "")]).toEqual([
      "api/listTooLarge",
      `more than 50000 ${nouns}, the most that a pass can list`,
    ]);
  });
});

test.each([
  ["a text of one byte a character", "x".repeat(100), 102],
  ["a text with one wide letter", `${"x".repeat(99)}中`, 204],
])("%s counts as it lies in memory", (_, text, sizeBytes) => {
  const body = JSON.stringify(text);
  expect(parseAnswer({ status: 200, headers: {}, body }, asked).sizeBytes).toBe(sizeBytes);
});

test("a cursor that is as long as a page is refused at once", async () => {
  const nextUri = `${"?".repeat(200_000)}\n`;
  const startedMs = performance.now();
  const failure = await failureOf(lists.triggers(makeFakeApi(() => ok({ entities: [], nextUri }))));
  expect(failure.message).toContain("nextUri to have at most 8000 characters");
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

const asked = { method: "GET", path: "/api/v2/webhooks", permissions: null } as const;
const bound = "a JSON body of at most 500 levels and 200000 values";

test.each([
  ["arrays", "[],".repeat(200_001)],
  ["numbers", "0,".repeat(200_001)],
  ["keys", Array.from({ length: 200_001 }, (_, index) => `{"${index}":0},`).join("")],
])("a body of more than 200,000 %s is refused before it is parsed", (_, values) => {
  const { parse } = JSON;
  const parsed: string[] = [];
  try {
    JSON.parse = (text: string) => void parsed.push(text);
    expect(() => parseAnswer(reply(200, `{"values":[${values}0]}`), asked)).toThrow(bound);
  } finally {
    JSON.parse = parse;
  }
  expect(parsed).toEqual([]);
});

test.each(["", "\\u0041"])("a body of thousands of levels is refused (with an escape: %s)", (text) => {
  const levels = 90_000;
  const body = `{"text":"${text}","deep":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  const hidden = hideSecrets(reply(200, body), ["the-secret"]);
  expect(() => parseAnswer(hidden, asked)).toThrow(bound);
});
