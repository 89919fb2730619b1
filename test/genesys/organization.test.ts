// Which organisation a token belongs to: what is asked, what counts, and what ends a pass.
import { expect, test } from "vitest";
import { askOrganization } from "../../src/genesys/organization.ts";
import { ReconcileError } from "../../src/model/errors.ts";

type Answer = number | object;

async function ask(ofToken: Answer, ofOrganization: Answer = 404) {
  const asked: string[] = [];
  const answers: readonly Answer[] = [ofToken, ofOrganization];
  const request = (method: string, path: string) => {
    const answer = answers[asked.length] ?? 404;
    asked.push(`${method} ${path}`);
    if (typeof answer === "object") return Promise.resolve({ status: 200, body: answer, sizeBytes: 1 });
    return Promise.reject(new ReconcileError("api/any", "refused", { status: answer }));
  };
  const found = await askOrganization({ request }).catch(
    (error: unknown) => (error as ReconcileError).code,
  );
  return { found, asked };
}

const token = "GET /api/v2/tokens/me";
const own = "GET /api/v2/organizations/me";

test("the token's own answer is enough", async () => {
  expect(
    await ask({ organization: { id: "acme-1", name: "Acme" }, homeOrganization: { id: "x" } }),
  ).toEqual({
    found: { id: "acme-1", name: "Acme" },
    asked: [token],
  });
});

test.each<[string, Answer]>([
  ["is refused", 403],
  ["is not there", 404],
  ["names none", {}],
  ["names one without an id", { organization: { name: "Acme" } }],
  ["has an odd id", { organization: { id: "../acme" } }],
])("where the token's answer %s, the organisation's own counts", async (_, ofToken) => {
  const { found, asked } = await ask(ofToken, { id: "acme-1", name: "  A\u0000cme\n" });
  expect([found, asked]).toEqual([{ id: "acme-1", name: "A cme" }, [token, own]]);
});

test.each([
  [403, 403],
  [404, 403],
  [404, 404],
])("where both are refused (%s, %s), it is null", async (first, second) => {
  expect((await ask(first, second)).found).toBeNull();
});

test.each<[Answer, Answer, string]>([
  [500, 404, "api/any"],
  [401, 404, "api/any"],
  [403, 500, "api/any"],
  [{}, 403, "api/malformed"],
  [403, {}, "api/malformed"],
])("any other failure is thrown: %j, %j", async (first, second, code) => {
  expect((await ask(first, second)).found).toBe(code);
});

test("a name that is missing or empty is null", async () => {
  expect((await ask({ organization: { id: "acme-1", name: "" } })).found).toEqual({
    id: "acme-1",
    name: null,
  });
});
