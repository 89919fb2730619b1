// `reconcile state init`: makes or migrates the tables of the PostgreSQL store, and grants roles what they need.
import { initState, type InitOutcome } from "../../app/init-state.ts";
import { requireConfig } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import { plain } from "../../lib/plain.ts";

export interface InitFlags {
  readonly config?: string;
  readonly grant?: readonly string[];
  readonly grantRead?: readonly string[];
}

/** Returns the exit status. */
export async function runStateInit(flags: InitFlags, world: World): Promise<number> {
  const { grant = [], grantRead = [] } = flags;
  const config = await requireConfig(flags, world.files);
  const outcome = await initState(config, { grant, grantRead }, world);
  const granted = [
    ...grant.map((role) => `granted what passes need to ${role}`),
    ...grantRead.map((role) => `granted what reading needs to ${role}`),
  ];
  const lines = outcome.store === "postgres" ? granted : [];
  for (const line of [describe(outcome), ...lines]) world.stdout.write(`${plain(line)}\n`);
  return 0;
}

function describe(outcome: InitOutcome): string {
  if (outcome.store !== "postgres")
    return `the state is kept in ${outcome.store === "git" ? "Git" : "files"}, which needs no init`;
  const { name, applied, version } = outcome;
  if (applied.length === 0) return `${name}: the tables have version ${version} already`;
  const what = applied[0] === 1 ? "the tables were made" : "the tables were migrated";
  return `${name}: ${what}, version ${version}`;
}
