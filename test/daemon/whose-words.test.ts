// What the top of the daemon's page says of whose it is.
import { expect, test } from "vitest";
import { sayWhose } from "../../src/daemon/dashboard/whose-words.ts";

const view = { mode: "apply", version: "1.2.3", holder: null } as const;
const result = { environment: "mypurecloud.de", owner: "contact-centre", organization: null } as const;
const timeOf = (iso: string): string => iso.slice(11, 19);

test("it names the region, the organisation by its name, the owner, the mode and the version", () => {
  const acme = { id: "an-id", name: "Acme" };
  expect(sayWhose(view, { ...result, organization: acme }, timeOf)).toEqual([
    "mypurecloud.de",
    "organisation Acme",
    "owner contact-centre",
    "v1.2.3",
  ]);
  expect(sayWhose({ ...view, mode: "report" }, null, timeOf)).toEqual(["--dry-run", "v1.2.3"]);
});

test("an organisation of which only the id is known is named by it, and the sandbox's not at all", () => {
  const organization = { id: "an-id", name: null };
  expect(sayWhose(view, { ...result, organization }, timeOf)).toContain("organisation an-id");
  const sandbox = { ...result, environment: "sandbox", organization: { id: "an-id", name: "Sandbox" } };
  expect(sayWhose(view, sandbox, timeOf)).toEqual(["sandbox", "owner contact-centre", "v1.2.3"]);
});

test("it says who holds the lease, on which machine and since when", () => {
  const holder = { pid: 12, host: "pod-7", task: "watch", since: "2026-01-31T08:05:09.000Z" };
  expect(sayWhose({ ...view, holder }, null, timeOf)).toEqual([
    "lease: process 12 on pod-7, since 08:05:09",
    "v1.2.3",
  ]);
});
