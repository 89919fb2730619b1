// The runs of `plan` and `sync` after an edit, with orphans, and with flags that do not go together.
import {
  edited,
  emptied,
  inSync,
  manyOrphans,
  optionsEdited,
  surplus,
  threeOrphans,
  two,
} from "../cli/synced.ts";
import { of, type Scenario } from "./scenario.ts";

export const plannedEdits: readonly Scenario[] = [
  { given: "nothing to do, with -v", argv: "plan -v", world: inSync },
  { given: "an edited manifest", argv: "plan", world: edited },
  {
    given: "an edited retry policy and state file, and a query string",
    argv: "plan",
    world: optionsEdited,
  },
  { given: "orphans of many groups", argv: "plan", world: manyOrphans },
  { given: "the same with -v", argv: "plan -v", world: manyOrphans },
  { given: "labels that no manifest has", argv: "plan --selector team=sales", world: of(two) },
];

export const syncedEdits: readonly Scenario[] = [
  { given: "an edited manifest", argv: "", world: edited },
  { given: "more orphans than --prune may delete, and a new group", argv: "--prune", world: threeOrphans },
  { given: "a webhook beside the group's own, with --adopt", argv: "--adopt", world: surplus },
  { given: "--prune with --selector", argv: "--prune --selector team=data", world: of(two) },
  { given: "a folder that is empty, with --prune", argv: "--prune", world: emptied },
  { given: "the same with --allow-empty", argv: "--prune --allow-empty", world: emptied },
];
