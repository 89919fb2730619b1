// The runs of `state init` and `state move`.
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { manifest, type TestWorld, type WorldOptions } from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

const organization = "3b8a1f0e-6d1c-4a52-9f6e-0c2d7e5a4b19";
const configOf = (state: string, more = "") =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\n${more}state: ${state}\n`;
const pinned = configOf("{ store: files }", `organization: ${organization}\n`);
const pool = { "subscriptions/alpha.yaml": manifest("alpha"), "reconcile.yaml": pinned };

const organisation = { id: organization, name: "Acme" };
const toMemory = ({ clock }: TestWorld): Partial<WorldOptions> => {
  const store = makeMemoryStore(clock);
  return { openStore: () => Promise.resolve(store), organisation };
};

export const state: readonly Scenario[] = [
  { given: "a state in files", argv: "state init", world: of(alpha) },
  {
    given: "a state in PostgreSQL, without its address",
    argv: "state init",
    world: of({ "reconcile.yaml": configOf("{ store: postgres }") }),
  },
  {
    given: "a trail in files",
    argv: "state move --to postgres",
    world: of(pool),
    before: [""],
    more: toMemory,
  },
  {
    given: "a trail that is moved already",
    argv: "state move --to postgres",
    world: of(pool),
    before: ["", "state move --to postgres"],
    more: toMemory,
  },
  {
    given: "a pass on a trail that was moved",
    argv: "",
    world: of(pool),
    before: ["", "state move --to postgres"],
    change: ({ files }) => {
      files.set("subscriptions/beta.yaml", manifest("beta"));
    },
    more: toMemory,
  },
  {
    given: "an owner that the records do not name",
    argv: "state move --to postgres --owner voice",
    world: of(pool),
    before: [""],
    more: toMemory,
  },
  { given: "the store that the config names", argv: "state move --to files", world: of(pool) },
];
