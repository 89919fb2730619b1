// The Git store keeps what every shared store promises.
import { afterAll, vi } from "vitest";
import { describeStore } from "../store-suite.ts";
import { makeGitWorld } from "./git-world.ts";

// Each question and each push starts several processes, and one test makes hundreds of them.
vi.setConfig({ testTimeout: 120_000 });

describeStore("the Git store, over a path", async () => Promise.resolve(makeGitWorld()));

afterAll(() => {
  vi.resetConfig();
});
