// Which pull request a commit's message names.
import { expect, test } from "vitest";
import { findPullRequest } from "../../src/git/find-pull-request.ts";

test.each([
  ["Merge pull request #12 from acme/more-events\n\nMore events", "12"],
  ["Merge pull request #12 in CRM/events from more to main", "12"],
  ["Merge pull request 'More events (#3)' (#12) from more into main", "12"],
  ["More events (#12)\n\n* one\n* two (#9)", "12"],
  ["Merged in more (pull request #12)", "12"],
  ["Merged PR 12: More events", "12"],
  ["Merge branch 'more' into 'main'\n\nMore events\n\nSee merge request acme/events!12", "12"],
  ["More events\n\nFixes #12", null],
  ["Take back (#12) for now", null],
  ["Merge branch 'pr-12'", null],
  ["", null],
])("%j", (message, expected) => {
  expect(findPullRequest(message)).toBe(expected);
});
