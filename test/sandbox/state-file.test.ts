import { expect, test } from "vitest";
import { openStateFile } from "../../src/sandbox/state-file.ts";
import { formatState } from "../../src/sandbox/state-text.ts";
import { makeState, makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";
import { makeMemoryFiles } from "./memory-files.ts";

const statePath = "/state/sandbox.json";

function addWebhook(state: SandboxState, name: string): void {
  const endpoint = "https://a.example.com";
  state.webhooks.set(
    name,
    makeWebhook(name, { name, endpoint, eventTypes: ["a"], state: "enabled", description: "" }),
  );
}

test("a missing file is an empty state, and nothing is written until asked", async () => {
  const files = makeMemoryFiles();
  const file = await openStateFile({ files, statePath });
  expect(file.state).toEqual(makeState());
  await file.idle();
  expect(files.writes).toEqual([]);
});

test("a saved state is there when it is opened again, readable by its owner only", async () => {
  const files = makeMemoryFiles();
  const file = await openStateFile({ files, statePath });
  addWebhook(file.state, "alpha");
  await file.save();
  expect(files.writes).toEqual([{ path: statePath, text: formatState(file.state), mode: 0o600 }]);
  expect((await openStateFile({ files, statePath })).state).toEqual(file.state);
});

test("a corrupt file is set aside with a notice, once", async () => {
  const files = makeMemoryFiles();
  files.texts.set(statePath, '{"formatVersion":1,');
  const notices: string[] = [];
  const file = await openStateFile({ files, statePath, onNotice: (message) => notices.push(message) });
  expect(file.state).toEqual(makeState());
  expect(files.writes).toEqual([
    { path: `${statePath}.corrupt`, text: '{"formatVersion":1,', mode: 0o600 },
    { path: statePath, text: formatState(makeState()), mode: 0o600 },
  ]);
  await openStateFile({ files, statePath, onNotice: (message) => notices.push(message) });
  expect(notices).toEqual([
    `the sandbox's state in ${statePath} is unusable (it is not a JSON object): ` +
      `it is set aside as ${statePath}.corrupt, and the sandbox starts empty`,
  ]);
});

test("a file that cannot be read is an error, not an empty state", async () => {
  const denied = Object.assign(new Error("denied"), { code: "EACCES" });
  const files = { ...makeMemoryFiles(), read: () => Promise.reject(denied) };
  await expect(openStateFile({ files, statePath })).rejects.toBe(denied);
});

test("changes made while a write is under way share the next one", async () => {
  const files = makeMemoryFiles();
  const held = files.hold();
  const file = await openStateFile({ files, statePath });
  addWebhook(file.state, "first");
  const saves = [file.save()];
  await held.started;
  for (let i = 0; i < 1_000; i++) {
    addWebhook(file.state, `later-${i}`);
    saves.push(file.save());
  }
  expect(files.writes).toHaveLength(0);
  held.release();
  await file.idle();

  expect(files.writes).toHaveLength(2);
  expect(files.writes[0]?.text).not.toContain("later-0");
  expect(files.writes[1]?.text).toBe(formatState(file.state));
  await Promise.all(saves);
});

test("a failed write rejects those who asked for it, and the next one saves all", async () => {
  const files = makeMemoryFiles();
  files.beforeWrite = () => Promise.reject(new Error("disk full"));
  const file = await openStateFile({ files, statePath });
  addWebhook(file.state, "alpha");
  await expect(file.save()).rejects.toThrow("disk full");
  await file.idle();
  files.beforeWrite = () => Promise.resolve();
  await file.save();
  expect(files.texts.get(statePath)).toContain("alpha");
});
