// Resources of a kind that is never adopted: without this owner's marker they hold their group back, whatever the flags.
import { expect, test } from "vitest";
import { route } from "../../src/kinds/route/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { partName } from "../../src/model/ownership.ts";
import { makeLive, type LiveResource } from "../../src/model/resource.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { defaults, makeSubscription, settle } from "./samples.ts";

const desired = makeSubscription({ kind: route, retryPolicy: route.options?.defaults as never });
const name = partName(route, desired.group, { endpoint: desired.endpointUrl, number: 1 });

function makeRoute(changes: { readonly name: string; readonly description: string }): LiveResource {
  const { eventTypes, endpointUrl: endpoint, retryPolicy } = desired;
  return makeLive(route, {
    ...{ id: changes.name, endpoint, eventTypes, retryPolicy, state: "enabled", ...changes },
  });
}

test.each([
  ["of the group, without a marker", "ownership/neverAdopted", `Consumer group: ${desired.group}`, "other"],
  ["of no group, with the name of one to be made", "ownership/nameTaken", "made by hand", name],
])("one %s skips the group, also with --adopt", (_, code, description, its) => {
  const plan = makePlan([desired], [makeRoute({ name: its, description })], { ...defaults, adopt: true });
  expect(plan.groups[0]?.skipped).toContain(`"${its}"`);
  expect(plan.diagnostics.filter(({ severity }) => severity === "error")).toMatchObject([{ code }]);
  expect(plan.operations.filter(({ status }) => status === "planned")).toEqual([]);
});

test("a plan that hands groups over says once what consumers notice, and a later one does not", () => {
  const before = ["a", "b"].map((group) => makeSubscription({ group, kind: webhook }));
  const after = before.map((one) => ({ ...one, kind: route }));
  const live = settle(before);
  const plan = makePlan(after, live, defaults);
  const found = plan.diagnostics.filter(({ code }) => code === "aws/consumers");
  expect(found).toMatchObject([{ severity: "warning" }]);
  expect(found[0]?.message).toContain("2 groups go from webhooks to routes");
  const again = makePlan(after, settle(after), defaults);
  expect(again.diagnostics.filter(({ code }) => code === "aws/consumers")).toEqual([]);
});
