// Lists of each kind: what the platform counts and does not show is a warning.
import { expect, test } from "vitest";
import { describeHidden } from "../../src/app/list-kinds.ts";
import { eventBridge } from "../../src/kinds/eventbridge/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Intercept } from "../support/world.ts";
import { filesOf, listOf, see, start, webhooks } from "../cli/three-resources/groups.ts";

test("says of each kind how many more there are than are shown", () => {
  const found = describeHidden(
    new Map([
      [webhook, 1],
      [eventBridge, 3],
    ]),
  );
  expect(found.map(({ severity, code, message }) => [severity, code, message])).toEqual([
    [
      "warning",
      "list/notAllShown",
      "the platform counts 1 more webhook than it shows: this OAuth client may not see all of them",
    ],
    [
      "warning",
      "list/notAllShown",
      "the platform counts 3 more EventBridge integrations than it shows: this OAuth client may not see all of them",
    ],
  ]);
});

test("a pass goes on with what is shown, and warn", async () => {
  const path = "/api/v2/webhooks";
  const world = start(filesOf(webhooks, ["alpha"]));
  expect((await see(world, "")).status).toBe(0);
  const intercept: Intercept = (request, forward) => {
    const answer = forward();
    const isList = request.method === "GET" && new URL(request.url).pathname === path;
    if (!isList) return answer;
    const page = JSON.parse(answer.body) as { readonly total: number };
    return { ...answer, body: JSON.stringify({ ...page, total: page.total + 2 }) };
  };
  for (const command of ["plan", ""]) {
    const { status, result, world: after } = await see(world, command, { intercept });
    expect(status).toBe(0);
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({ severity: "warning", code: "list/notAllShown" }),
    );
    expect(after.requests.filter((one) => one === listOf(webhooks))).toHaveLength(2);
  }
});
