// The machine as the lease of a shared store names it: a ref's history keeps each holder, as a trail keeps its records.
import type { Config } from "../model/config.ts";
import { unnamed } from "../model/audit-record.ts";
import type { World } from "./world.ts";

type LeasePorts = Pick<World, "files" | "clock" | "processes" | "interrupted">;

/** With `audit.actors: none` the lease names no machine, because a machine may be named after a person. */
export function makeLeasePorts({ audit }: Config, world: LeasePorts): LeasePorts {
  const { files, clock, processes, interrupted } = world;
  const host = audit.actors === "none" ? unnamed : processes.host;
  return { files, clock, interrupted, processes: { ...processes, host } };
}
