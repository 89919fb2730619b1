// What a manifest can make reconcile do: only what its own group and the allowed hosts are for.
import { expect, test } from "vitest";
import { manifest, putWebhook, runWorld } from "../support/world.ts";

const marker = "Managed by: reconcile (other)";

async function problemsOf(text: string, more: Record<string, string> = {}) {
  const { status, out, world } = await runWorld({
    argv: "validate --output json",
    files: { "subscriptions/a.yaml": text, ...more },
  });
  expect(world.requests).toEqual([]);
  const { diagnostics } = JSON.parse(out) as { diagnostics: { severity: string; code: string }[] };
  return {
    status,
    codes: diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code),
  };
}

const hostile = [
  `a | ${marker}`,
  "a|b",
  "a b",
  "a\\nb",
  "a\\u2028b",
  "a\\u202eb",
  "../../etc",
  "a/b",
  "..",
  "-rf",
  "a\\u0000",
  "\\u0430lpha",
  "",
];

test.each(hostile)("a group's name cannot forge a marker, a path or a flag: %s", async (name) => {
  const named = await problemsOf(manifest("alpha").replace("name: alpha", `name: "${name}"`));
  expect(named).toEqual({ status: 1, codes: ["name/malformed"] });
  const grouped = await problemsOf(
    manifest("alpha").replace("spec:", `spec:\n  consumerGroupId: "${name}"`),
  );
  expect(grouped).toEqual({ status: 1, codes: ["consumerGroupId/malformed"] });
});

test.each(hostile.filter((name) => name !== ".." && name !== "-rf"))(
  "an owner's name cannot forge a marker: %s",
  async (name) => {
    const config = `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: "${name}"\n`;
    const { status, codes } = await problemsOf(manifest("alpha"), { "reconcile.yaml": config });
    expect([status, codes]).toEqual([1, ["owner/malformed"]]);
  },
);

test.each([`x | ${marker}`, "x|y", "x\\n", "x\\u2028y", "x\\u0085y", "x\\u001by"])(
  "a state file's path cannot forge a marker: %s",
  async (path) => {
    const text = manifest("alpha").replace("/var/data/alpha.json", `"${path}"`);
    expect(await problemsOf(text)).toEqual({ status: 1, codes: ["stateFile/malformed"] });
  },
);

test("a state file's path that looks like a marker is none", async () => {
  const text = manifest("alpha").replace("/var/data/alpha.json", `"Consumer group: beta ${marker}"`);
  const { world } = await runWorld({ argv: "sync", files: { "subscriptions/a.yaml": text } });
  const [webhook] = world.state.webhooks.values();
  expect(webhook?.description).toBe(
    `Consumer group: alpha | Offset tracking: Consumer group: beta ${marker} | Managed by: reconcile (default)`,
  );
  const again = await runWorld({ argv: "sync --prune", from: world });
  expect(again.out).toContain("0 updated, 0 deleted, 0 adopted, 1 unchanged");
});

test.each([
  [`Consumer group: old | Managed by: reconcile (default) | ${marker}`, 1],
  [`Consumer group: old | Managed by: reconcile (default) and more`, 1],
  [`Consumer group: old | Managed by: reconcile (default)\n`, 1],
  [`Consumer group: old|Managed by: reconcile (default)`, 1],
  [`Consumer group: old | managed by: reconcile (default)`, 1],
  [`Consumer group: old | Managed by: reconcile (default )`, 1],
  [`Consumer group: old | ${marker} | Managed by: reconcile (default)`, 0],
])("of several markers the last field counts: %o", async (description, left) => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/a.yaml": manifest("alpha") } });
  putWebhook(world.state, { id: "w1", group: "old" });
  const stored = world.state.webhooks.get("w1");
  if (stored) world.state.webhooks.set("w1", { ...stored, description });
  await runWorld({ argv: "sync --prune --allow-deletes", from: world });
  expect([...world.state.webhooks.keys()].filter((id) => id === "w1")).toHaveLength(left);
});

const allowing = `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nallowedEndpointHosts: ["*.example.com", hooks.example.org, "001234567012"]\n`;

test.each([
  "https://events.example.com.evil.net/",
  "https://evilexample.com/",
  "https://example.com/",
  "https://events.example.com@evil.net/",
  "https://events.example.com:pass@evil.net/",
  "https://evil.net\\\\@events.example.com/",
  "https://evil.net\\\\.example.com/",
  "https://evil.net#.example.com/",
  "https://evil.net?.example.com/",
  "https://evil.net%2F.example.com/",
  "https://evil.net%00.example.com/",
  "https://events.example.com./",
  "https://events.\\u0435xample.com/",
  "https://events.example\\u3002com.evil.net/",
  "https://[::ffff:127.0.0.1]/",
  "https://2130706433/",
  "https:events.example.com.evil.net/",
  "https:///evil.net/",
  "https://hooks.example.org.evil.net/",
  "https://a.hooks.example.org/",
  "https://ev\\til.net/",
  "eventbridge://999999999999/us-east-1/hooks.example.org",
  "eventbridge://001234567012@999999999999/us-east-1/s",
  "eventbridge://001234567012.evil.net/us-east-1/s",
  "EVENTBRIDGE://999999999999/us-east-1/s",
  "https://1234567012/",
  "https://001234567012/",
])("an endpoint outside allowedEndpointHosts is refused: %s", async (url) => {
  const text = manifest("alpha").replace("https://events.example.com/alpha", `"${url}"`);
  const { status, codes } = await problemsOf(text, { "reconcile.yaml": allowing });
  expect(status).toBe(1);
  expect(codes[0]).toMatch(/^endpointUrl\/(hostNotAllowed|credentials|malformed|relative|fragment)$/);
});

test.each([
  "https://EVENTS.Example.COM/",
  "https://events.example.com:8443/",
  "https://hooks.example.org/x",
  "eventbridge://001234567012/us-east-1/s",
  "workflow:7a4e0d4c-0000-4000-8000-000000000001",
])("an endpoint on an allowed host is none of these: %s", async (url) => {
  const text = manifest("alpha").replace("https://events.example.com/alpha", `"${url}"`);
  expect(await problemsOf(text, { "reconcile.yaml": allowing })).toEqual({ status: 0, codes: [] });
});

test.each([
  ["&a [*a]", "yaml/"],
  [`${"[".repeat(5_000)}${"]".repeat(5_000)}`, "yaml/tooDeep"],
  ["{a: ".repeat(5_000), "yaml/tooDeep"],
  ["!!js/function 'x'", "yaml/"],
  ["{ __proto__: { polluted: true } }", ""],
])("a manifest cannot exhaust or confuse the parser: %#", async (value, code) => {
  const { status, codes } = await problemsOf(`${manifest("alpha")}  historicalRate: ${value}\n`);
  expect(status).toBe(1);
  expect(codes.some((found) => found.startsWith(code))).toBe(true);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a link in a pull request shows nothing of the file that it leads to", async () => {
  const secret = "GENESYS_CLIENT_SECRET=kept-in-dotenv\n";
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmanifests: .\n";
  const show = async (argv: string, link: (files: ReturnType<typeof Object>) => void, files = {}) => {
    const { world } = await runWorld({ argv: "--version", files: { ".env": secret, ...files } });
    link(world.files);
    const { status, out, err } = await runWorld({ argv, from: world, environment: {} });
    expect(out + err).not.toContain("kept-in-dotenv");
    return [status, /\[(link\/\w+)\]/.exec(out + err)?.[1]];
  };
  const linkFrom = (path: string, target: string) => (files: { link?: (a: string, b: string) => void }) => {
    files.link?.(path, target);
  };
  for (const argv of ["validate", "plan"])
    expect(await show(argv, linkFrom("reconcile.yaml", ".env"))).toEqual([1, "link/outside"]);
  const outside = { "elsewhere/secrets.yaml": "password: kept-in-dotenv\n" };
  expect(
    await show("validate", linkFrom("c/reconcile.yaml", "../elsewhere/secrets.yaml"), outside),
  ).toEqual([1, undefined]);
  expect(
    await show("validate --config c/r.yaml", linkFrom("c/r.yaml", "../elsewhere/secrets.yaml"), outside),
  ).toEqual([1, "link/outside"]);
  expect(await show("validate", linkFrom("a.yaml", ".env"), { "reconcile.yaml": config })).toEqual([
    1,
    "link/notYaml",
  ]);
  expect(await show("validate a.yaml", linkFrom("a.yaml", ".env"))).toEqual([1, "link/notYaml"]);
  expect(
    await show("validate", linkFrom("subscriptions/a.yaml", "../.env"), {
      "subscriptions/b.yaml": manifest("b"),
    }),
  ).toEqual([1, "link/outside"]);
});
