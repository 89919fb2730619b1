// A Git apart goes on through a Ctrl-C, and what it says never holds what it was called with.
import { expect, test } from "vitest";
import { runGitApart } from "../../src/git/run-git-apart.ts";
import { startGit } from "../../src/git/run-git.ts";

test("its input is read, and its answer is returned", async () => {
  const answer = await runGitApart(["hash-object", "--stdin"], { input: Buffer.from("a") });
  expect(answer.toString("utf8").trim()).toBe("2e65efe2a145dda7ee51d1741299f848e5bf752e");
});

test("it rejects with Git's own words", async () => {
  await expect(runGitApart(["check-ref-format", "a..b"])).rejects.toThrow("git ended with status 1");
  await expect(runGitApart(["no-such-command"])).rejects.toThrow("is not a git command");
});

test("a time limit ends it", async () => {
  const abort = AbortSignal.timeout(50);
  const waiting = runGitApart(["-c", "alias.wait=!sleep 30", "wait"], { abort });
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

test.skipIf(process.platform === "win32")("the terminal's Ctrl-C does not reach it", async () => {
  const child = startGit(["hash-object", "--stdin"]);
  // Only the leader of a group of its own can be found by this name.
  expect(process.kill(-(child.pid ?? 0), 0)).toBe(true);
  child.stdin.end("a");
  await new Promise((resolve) => child.on("close", resolve));
});

test.skipIf(process.platform === "win32")("a Git that was killed is said without its words", async () => {
  const kill = ["-c", "alias.die=!kill -9 $PPID; true", "die", "https://ada:canary@git.example.com/a"];
  await expect(runGitApart(kill)).rejects.toThrow("git was ended by SIGKILL");
});
