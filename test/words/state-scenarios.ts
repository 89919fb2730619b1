// The runs of `sync` and `status` in which the state beside the trail matters: the lock, the deadline, the figures.
import {
  atWork,
  groups,
  heldBy,
  lockFails,
  refuseWrites,
  slow,
  takenOver,
  unreachable,
} from "../cli/held-up.ts";
import { answer, runWorld } from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

const oddFigures = { ...alpha, ".reconcile/metrics.json": "{" };

export const syncs: readonly Scenario[] = [
  {
    given: "another pass at work",
    argv: "",
    world: of({ ...alpha, ".reconcile/lock.3": heldBy(42) }),
  },
  {
    given: "a lock that another process takes over",
    argv: "--concurrency 1",
    world: of(groups(3)),
    more: takenOver,
  },
  {
    given: "a lock that cannot be kept",
    argv: "--concurrency 1",
    world: of(groups(3)),
    more: lockFails,
  },
  {
    given: "a state folder that cannot be written",
    argv: "",
    world: of(alpha),
    change: ({ files }) => {
      files.failNext("create", "EROFS");
    },
  },
  {
    given: "a deadline that is over",
    argv: "--deadline 1 --concurrency 1",
    world: of(groups(2)),
    more: slow,
  },
  {
    given: "a platform that is gone",
    argv: "--concurrency 1",
    world: of(groups(6)),
    more: { intercept: unreachable },
  },
  {
    given: "figures that cannot be kept",
    argv: "",
    world: of(alpha),
    change: (world) => {
      refuseWrites(world, "metrics.json");
    },
  },
];

export const status: readonly Scenario[] = [
  { given: "after a sync", argv: "status", world: of(alpha), before: [""] },
  { given: "before any", argv: "status", world: of(alpha) },
  {
    given: "five minutes after a sync",
    argv: "status",
    world: of(alpha),
    before: [""],
    change: ({ clock }) => clock.sleep(5 * 60_000),
  },
  { given: "a sync at work", argv: "status", world: atWork },
  {
    given: "after a sync that failed",
    argv: "status",
    world: of(alpha),
    change: async (from) => {
      await runWorld({ argv: "", from, intercept: () => answer(401, {}) });
    },
  },
  {
    given: "after a rollback",
    argv: "status",
    world: of(alpha),
    before: ["", "rollback --last --allow-deletes"],
  },
  {
    given: "after a rollback that changed nothing",
    argv: "status",
    world: of(alpha),
    before: ["", "rollback --run nosuchrun"],
  },
  { given: "figures that make no sense", argv: "status", world: of(oddFigures) },
];
