// The Git store keeps what every shared store promises.
import { describeStore } from "../store-suite.ts";
import { makeGitWorld } from "./git-world.ts";

describeStore("the Git store, over a path", async () => Promise.resolve(makeGitWorld()));
