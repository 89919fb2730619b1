// `catalog pull`: what it writes, what it will not overwrite, and that `validate` knows it then.
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { answer, runWorld, type Intercept, type WorldOptions } from "../support/world.ts";

const heading =
  "# The event types of mypurecloud.com, written by `reconcile catalog pull`; after each, its transports.\n";
const topics = [
  { id: "v2.users.{id}.presence", transports: ["All"] },
  { id: "v2.audits.entitytype.{id}.entityid.{id}", transports: ["EventBridge", "ProcessAutomation"] },
  { id: "v2.stations.{id}" },
];
const written = [
  "v2.audits.entitytype.{id}.entityid.{id}  # EventBridge, ProcessAutomation\n",
  "v2.stations.{id}\n",
  "v2.users.{id}.presence  # All\n",
].join("");

const pull = (options: Partial<WorldOptions> = {}, entities: unknown = topics) =>
  runWorld({ argv: "catalog pull", intercept: offering({ entities }), ...options });

/** The same as JSON. */
async function see(
  { argv = "catalog pull", ...options }: Partial<WorldOptions>,
  entities: unknown = topics,
) {
  const run = await pull({ argv: `${String(argv)} --output json`, ...options }, entities);
  const result = JSON.parse(run.out) as {
    readonly ok: boolean;
    readonly file: string | null;
    readonly diagnostics: readonly Diagnostic[];
  };
  return { ...run, result, codes: result.diagnostics.map(({ code }) => code) };
}

describe("catalog pull", () => {
  it("writes what the organisation offers, in order, with the transports, and says what to do with it", async () => {
    const { status, out, err, world } = await pull();
    expect([status, err, world.files.text("/event-types.txt")]).toEqual([0, "", heading + written]);
    expect(out).toContain("\nwritten  event-types.txt  3 event types: 3 new, 0 gone\n");
    expect(out).toContain("\n  catalog: event-types.txt\n");
    expect(world.requests).toEqual([
      "POST /oauth/token",
      "GET /api/v2/notifications/availabletopics",
      "GET /api/v2/processautomation/triggers/topics",
    ]);
  });

  it("replaces the file that the config names, and shows what is new and what is gone", async () => {
    const files = {
      "/reconcile.yaml": config("catalog: lists/topics.txt"),
      "/lists/topics.txt": "v2.stations.{id}\nv2.users.{id}.presence # ours\nv2.gone.{id}\n",
    };
    const { status, out, world } = await pull({ files });
    expect([status, world.files.text("/lists/topics.txt")]).toEqual([0, heading + written]);
    expect(out.match(/^ {2}(?:new|gone) .*$/gm)).toEqual([
      "  new  v2.audits.entitytype.{id}.entityid.{id}",
      "  gone  v2.gone.{id}",
    ]);
    const again = await pull({ from: world });
    expect(again.out).toContain("unchanged  lists/topics.txt  3 event types\n");
  });

  it("writes what validate then holds manifests to, near misses and placeholders included", async () => {
    const manifest = [
      "apiVersion: reconcile.genesys/v1",
      "kind: WebhookSubscription",
      "metadata: { name: g }",
      "spec:",
      "  endpointUrl: https://events.example.com/g",
      "  eventTypes:",
      "    - v2.users.4f1c.presence",
      "    - v2.station.4f1c",
      "  offsetTracking: { stateFile: /var/data/g.json }",
      "",
    ].join("\n");
    const files = {
      "/reconcile.yaml": config("catalog: event-types.txt"),
      "/subscriptions/g.yaml": manifest,
    };
    const { world } = await pull({ files });
    const { status, out, err } = await runWorld({ argv: "validate", from: world });
    const said = out + err;
    expect(status).toBe(1);
    expect(said).toContain("subscriptions/g.yaml:8:7");
    expect(said).toContain("v2.stations.{id}");
    expect(said).not.toContain('v2.users.4f1c.presence" is');
  });

  it("only shows, with --dry-run, and counts what it does not show", async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      id: `v2.new.n${String(index).padStart(2, "0")}`,
    }));
    const files = { "/event-types.txt": "v2.old.one\n" };
    const { status, out, world } = await pull({ argv: "catalog pull --dry-run", files }, many);
    expect([status, world.files.text("/event-types.txt")]).toEqual([0, "v2.old.one\n"]);
    expect(out).toContain(
      "would write  event-types.txt  30 event types: 30 new, 1 gone\n  new  v2.new.n00\n",
    );
    expect(out).toContain("  new  v2.new.n19\n  and 10 more\n  gone  v2.old.one\n");
    const kept = await pull({ argv: "catalog pull --dry-run", files }, [...many, { id: "v2.old.one" }]);
    expect(kept.out).toContain("  new  v2.new.n19\n  and 10 more\n");
  });

  it("prints one JSON object, whatever becomes of it", async () => {
    const { status, out } = await pull({ argv: "catalog pull --output json --out a.txt" });
    expect([status, JSON.parse(out)]).toEqual([
      0,
      {
        ...{ formatVersion: 1, dryRun: false, ok: true, runId: "id-1", environment: "mypurecloud.com" },
        file: "a.txt",
        topics: [
          {
            id: "v2.audits.entitytype.{id}.entityid.{id}",
            transports: ["EventBridge", "ProcessAutomation"],
          },
          { id: "v2.stations.{id}", transports: [] },
          { id: "v2.users.{id}.presence", transports: ["All"] },
        ],
        added: topics.map(({ id }) => id).sort(),
        removed: [],
        schema: null,
        traffic: { requests: 3, retries: 0, throttledMs: 0 },
        diagnostics: [],
      },
    ]);
    const failed = await see({}, []);
    expect([failed.status, failed.result.ok, failed.result.file]).toEqual([1, false, null]);
    expect(failed.codes).toEqual(["api/malformed"]);
  });

  it("does not overwrite what is no catalogue, and asks the platform nothing then", async () => {
    const text = "#!/bin/sh\nrm -rf everything\n";
    const { status, codes, world } = await see({
      argv: "catalog pull --out run.sh",
      files: { "/run.sh": text },
    });
    expect([status, world.files.text("/run.sh"), world.requests]).toEqual([1, text, []]);
    expect(codes).toEqual(["catalog/notOne"]);
  });

  it("says why the file cannot be written", async () => {
    const files = makeMemoryFiles();
    const from = (await runWorld({ argv: "--help" })).world;
    const denied = {
      ...from,
      files: { ...files, write: () => Promise.reject(Object.assign(new Error("no"), { code: "EACCES" })) },
    };
    const { status, codes } = await see({ from: denied });
    expect([status, codes]).toEqual([1, ["catalog/unwritable"]]);
  });

  it("leaves out what no manifest could hold, with a warning", async () => {
    const offered = [...topics, { id: "no event type" }, { id: "v2.a.b\nv2.c.d" }];
    const { status, codes, result, world } = await see({}, offered);
    expect([status, codes, world.files.text("/event-types.txt")]).toEqual([
      0,
      ["catalog/leftOut"],
      heading + written,
    ]);
    expect(result.diagnostics[0]).toMatchObject({
      severity: "warning",
      message: expect.stringMatching(/^2 of the 5 /) as string,
    });
  });

  it("keeps out of the file what the platform states as a transport and is no word", async () => {
    const entities = [{ id: "v2.a.b", transports: ["All\nv2.evil.topic", 7, "Webhook"] }];
    const { world } = await pull({ intercept: offering({ entities }, ["v2.c.d"]) });
    expect(world.files.text("/event-types.txt")).toBe(
      `${heading}v2.a.b  # Webhook\nv2.c.d  # ProcessAutomation\n`,
    );
  });

  it.each([
    ["no list", "entities to be an array", null],
    ["an empty list", "1 to 2000 topics, not 0", []],
    [
      "more than anybody offers",
      "1 to 2000 topics, not 2001",
      Array.from({ length: 2_001 }, () => topics[0]),
    ],
    ["a topic without a name", "id to be text (entities[1])", [topics[0], {}]],
  ])("writes nothing from %s", async (_, message, entities) => {
    const { status, codes, result, world } = await see({}, entities);
    expect([status, codes, world.files.paths()]).toEqual([1, ["api/malformed"], []]);
    expect(result.diagnostics[0]?.message).toContain(message);
  });

  it("says that it is the permission to read the topics that is missing", async () => {
    const forbid: Intercept = (request, forward) =>
      request.url.includes("availabletopics") ? answer(403, { message: "not for you" }) : forward();
    const { status, result } = await see({ intercept: forbid });
    expect([status, result.diagnostics]).toMatchObject([
      1,
      [{ code: "api/forbidden", hint: expect.not.stringContaining("webhook:write") as string }],
    ]);
  });

  describe("of the topics of triggers", () => {
    const presence = "v2.users.{id}.presence";
    const reading = (ofTriggers: readonly string[] | number, entities: unknown = topics) =>
      see({ intercept: offering({ entities }, ofTriggers) }, entities);

    it("goes by their own list, which may name others than the common one", async () => {
      const { codes, world } = await reading(["v2.stations.{id}", "v2.only.triggers"]);
      expect([codes, world.files.text("/event-types.txt")]).toEqual([
        [],
        heading +
          [
            "v2.audits.entitytype.{id}.entityid.{id}  # EventBridge\n",
            "v2.only.triggers  # ProcessAutomation\n",
            "v2.stations.{id}\n",
            "v2.users.{id}.presence  # Websocket, EventBridge\n",
          ].join(""),
      ]);
    });

    it("adds the transport where only their own list has the topic", async () => {
      const entities = [{ id: presence, transports: ["Websocket"] }];
      const { world } = await reading([presence], entities);
      expect(world.files.text("/event-types.txt")).toBe(
        `${heading}${presence}  # Websocket, ProcessAutomation\n`,
      );
    });

    it("leaves a topic its only transport, for none would mean that they are not known", async () => {
      const entities = [{ id: presence, transports: ["ProcessAutomation"] }];
      const { world } = await reading(["v2.only.triggers"], entities);
      expect(world.files.text("/event-types.txt")).toContain(`${presence}  # ProcessAutomation\n`);
    });

    it("follows the cursors to the end", async () => {
      const pages: Readonly<Record<string, unknown>> = {
        "": {
          entities: ["v2.a.a"],
          nextUri: "/api/v2/processautomation/triggers/topics?after=v2.a.%7Bid%7D",
        },
        "v2.a.{id}": { entities: ["v2.a.b"] },
      };
      const intercept: Intercept = (request, forward) => {
        if (!request.url.includes("/triggers/topics"))
          return offering({ entities: topics })(request, forward);
        const { searchParams } = new URL(request.url);
        expect(searchParams.get("pageSize")).toBe("200");
        return answer(200, pages[searchParams.get("after") ?? ""]);
      };
      const { world } = await see({ intercept });
      expect(world.files.text("/event-types.txt")).toContain(
        "v2.a.a  # ProcessAutomation\nv2.a.b  # Process",
      );
    });

    it.each([
      [403, "forbidden (403): not for you"],
      [404, "not found (404): not for you"],
    ])(
      "goes on without them if they are answered %i, and says what the file lacks",
      async (status, said) => {
        const run = await reading(status);
        expect([run.status, run.codes]).toEqual([0, ["catalog/unreadTopics"]]);
        expect(run.result.diagnostics[0]).toMatchObject({
          severity: "warning",
          message: `GET /api/v2/processautomation/triggers/topics: ${said}; so the catalogue has no topic that only triggers can have, and goes by the common list of topics for the transport ProcessAutomation`,
          hint: "pull again with a client that may read that list",
        });
        expect(run.world.files.text("/event-types.txt")).toBe(
          `${heading.trimEnd()} The list of the topics of triggers could not be read.\n${written}`,
        );
      },
    );

    it("goes on without them if the client lacks their scope", async () => {
      const refusal = answer(403, { message: "no", code: "app.not.authorized.for.scope" });
      const intercept: Intercept = (request, forward) =>
        request.url.includes("/triggers/topics")
          ? refusal
          : offering({ entities: topics })(request, forward);
      const { status, codes, world } = await see({ intercept });
      expect([status, codes]).toEqual([0, ["catalog/unreadTopics"]]);
      expect(world.files.text("/event-types.txt")).toContain(written);
    });

    it("takes an empty list for one that could not be read", async () => {
      const { status, codes, world } = await reading([]);
      expect([status, codes]).toEqual([0, ["catalog/unreadTopics"]]);
      expect(world.files.text("/event-types.txt")).toContain(written);
    });

    it.each([
      ["names that are no text", { entities: [7] }],
      ["a page that leads nowhere", { entities: ["v2.a.b"], nextUri: "/api?x=1" }],
      [
        "more than any organisation has",
        { entities: Array.from({ length: 2_001 }, (_, at) => `v2.a.b${at}`) },
      ],
    ])("writes nothing from %s", async (_, body) => {
      const intercept: Intercept = (request, forward) =>
        request.url.includes("/triggers/topics")
          ? answer(200, body)
          : offering({ entities: topics })(request, forward);
      const { status, codes, world } = await see({ intercept });
      expect([status, codes, world.files.paths()]).toEqual([1, ["api/malformed"], []]);
    });
  });

  it("says that only transports have changed", async () => {
    const files = { "/event-types.txt": written.replace("All", "Websocket").replace(", Pro", ",Pro") };
    const { out, world } = await pull({ files });
    expect(out).toContain(
      "written  event-types.txt  3 event types: 0 new, 0 gone, 1 with other transports\n",
    );
    expect(world.files.text("/event-types.txt")).toBe(heading + written);
  });

  it("reads the sandbox's catalogue", async () => {
    const { status, out, err } = await runWorld({
      argv: "catalog pull --sandbox",
      environment: {},
      send: makeSend(),
    });
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("written  event-types.txt  242 event types: 242 new, 0 gone");
  });
});

/** `ofTriggers`: the list of the topics of triggers; without it, the topics whose transports say so. */
function offering(
  body: { readonly entities: unknown },
  ofTriggers?: readonly string[] | number,
): Intercept {
  return (request, forward) => {
    if (request.url.includes("availabletopics")) return answer(200, body);
    if (!request.url.includes("/triggers/topics")) return forward();
    if (typeof ofTriggers === "number") return answer(ofTriggers, { message: "not for you" });
    return answer(200, { entities: ofTriggers ?? idsForTriggers(body.entities) });
  };
}

function idsForTriggers(entities: unknown): readonly unknown[] {
  if (!Array.isArray(entities)) return [];
  const topics = entities as readonly { readonly id?: unknown; readonly transports?: readonly unknown[] }[];
  return topics
    .filter(({ transports }) => transports?.some((one) => one === "All" || one === "ProcessAutomation"))
    .map(({ id }) => id);
}

function config(line: string): string {
  return `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`;
}
