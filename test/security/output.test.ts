// What others' texts can do to a terminal, to a CI system that reads the log, and to a pull request comment: nothing.
import { expect, test } from "vitest";
import { answer, loggedIn, manifest, putWebhook, runWorld, type WorldOptions } from "../support/world.ts";

const escapes = "\u001b[2J\u001b]0;title\u0007\u009b2J\u0085\r\b\u007f";
const invisible = "\u202e\u2066\u200b\u200d\u2028\ufeff\u00ad\u061c\u{e0041}";
const commands = [
  "::error::forged",
  "  ::add-mask::forged",
  "\u00a0::stop-commands::forged",
  "\n::error file=a::forged",
  "%0A::error::forged",
  "##[error]forged",
  "x ##[add-mask]forged",
  "##vso[task.setvariable variable=x]forged",
];

/** Every place in which the server's words are shown: names, descriptions, groups, endpoints, event types, refusals. */
function hostileWorld(text: string): Omit<WorldOptions, "argv"> {
  return {
    files: { "subscriptions/a.yaml": manifest("alpha"), "subscriptions/b.yaml": manifest("beta") },
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    intercept: ({ method }, forward) => {
      if (method !== "POST" && method !== "PUT") return forward();
      const tried = forward();
      if (tried.body.includes("access_token")) return tried;
      return answer(422, { message: text, errors: [{ field: text, message: text }], contextId: text });
    },
  };
}

async function show(argv: string, text: string): Promise<string> {
  const world = (await runWorld({ argv: "validate", ...hostileWorld(text) })).world;
  const owned = {
    owner: "default",
    eventTypes: [text, "a.created"],
    endpoint: `https://x.example.com/${text}`,
  };
  putWebhook(world.state, { id: "w1", group: text, name: text, ...owned });
  putWebhook(world.state, { id: "w2", group: "alpha", name: text, ...owned });
  putWebhook(world.state, { id: "w3", group: "beta", name: text, endpoint: text });
  const stored = world.state.webhooks.get("w2");
  if (stored) world.state.webhooks.set("w2", { ...stored, state: text as "enabled" });
  const { out, err } = await runWorld({ ...hostileWorld(text), argv, from: world, terminal: true });
  return `${out}\n${err}\n${world.logged.join("\n")}`;
}

const everyOutput = [
  "plan -v --explain",
  "plan --adopt --prune --allow-deletes",
  "sync --adopt --prune --allow-deletes -v",
  "plan --output json --adopt --prune --allow-deletes",
  "sync --output json --adopt",
  "plan --output markdown --adopt --prune --allow-deletes",
  "sync --output markdown --adopt",
];

/** What a line may be made of, our own progress line aside. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const withoutProgress = (text: string): string =>
  text.replace(/\r\u001b\[K(?:[a-z ]+ (?:\d+\/\d+|…))?/g, "");

test.each(everyOutput)(
  "control characters never reach a terminal, nor do invisible ones: %s",
  async (argv) => {
    const text = withoutProgress(await show(argv, `say${escapes}${invisible}`));
    expect(text).toContain("say");
    expect(text.split("\n").filter((line) => unsafe.test(line.replaceAll("\t", "")))).toEqual([]);
  },
);

test.each(everyOutput)("a CI system finds no command in names, messages or paths: %s", async (argv) => {
  for (const command of commands) {
    const lines = (await show(argv, command)).split("\n");
    expect(lines.join("\n")).toContain("forged");
    // As GitHub's runner reads a line: `::` behind blanks, `##[` anywhere.
    const started = lines.filter((line) => /^\s*::/.test(line));
    expect(
      started.filter(
        (line) => !/^::(?:error|warning)(?: file=subscriptions\/[ab]\.yaml,line=\d+,col=\d+)?::/.test(line),
      ),
    ).toEqual([]);
    expect(lines.filter((line) => /##\w*\[/.test(line) && !started.includes(line))).toEqual([]);
  }
});

test("a manifest's name and text are no commands, either", async () => {
  const path = "subscriptions/::error::a,b%0A##[error].yaml";
  const text = manifest("alpha").replace("eventTypes", '"::error::x\\n::error::y ##[error]z"');
  for (const argv of ["validate", "validate --output json", "plan", "plan --output markdown"]) {
    const { out, err } = await runWorld({
      argv,
      files: { [path]: text },
      environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    });
    const lines = `${out}\n${err}`.split("\n");
    expect(lines.filter((line) => line.includes("##[") && !line.startsWith("::error "))).toEqual([]);
    const started = lines.filter((line) => /^\s*::/.test(line));
    expect(started.length).toBeGreaterThan(0);
    expect(started.every((line) => /^::error (?:file=[^:,]*,line=\d+,col=\d+)::/.test(line))).toBe(true);
  }
});

test.each(["plan --output markdown --adopt --prune --allow-deletes", "sync --output markdown --adopt"])(
  "nobody's text becomes markup in a pull request comment: %s",
  async (argv) => {
    const text =
      "a`b``c|d\\|e <img src=x> [link](https://evil.example) https://evil.example www.evil.example @octocat #1 acme/x#2 GH-3 ~~s~~ $x$ </details>";
    const shown = withoutProgress(await show(argv, text));
    const outsideCode = (shown.replace("<!-- reconcile -->\n", "").split(/^::|\n\n$/m)[0] ?? "")
      .replaceAll(/(?<!\\)`[^`\n]*`/g, "")
      .replaceAll(/\\[\\`*_[\]|#!~$]/g, "");
    expect(outsideCode).not.toMatch(/`|<(?!\/?(?:details|summary)>)/);
    expect(outsideCode.match(/<\/details>/g)?.length ?? 0).toBe(
      outsideCode.match(/<details>/g)?.length ?? 0,
    );
    expect(outsideCode).not.toMatch(/@\w|(?<!&)#\d|:\/\/|www\.|GH-\d|\[link|~~|\$x/);
    // Every row has as many cells as its table, whatever a cell says.
    for (const row of shown.split("\n").filter((line) => line.startsWith("| ")))
      expect(row.replaceAll(/\\\\|\\\|/g, "").split("|")).toHaveLength(7);
  },
);

test("JSON says what the server said, in escapes", async () => {
  const text = `##[error]${escapes}${invisible}::`;
  const shown = await runWorld({ argv: "plan", ...hostileWorld("x") });
  putWebhook(shown.world.state, { id: "w9", group: "old", owner: "default", endpoint: text });
  const { out } = await runWorld({ argv: "plan --output json", from: shown.world });
  expect((JSON.parse(out) as { orphans: { endpoint: string }[] }).orphans[0]?.endpoint).toBe(text);
});
