// Seeded stories of two machines whose state is in one PostgreSQL database.
import { sharedServer, whyWithoutServer } from "../../state/postgres/world.ts";
import { openPostgresGround } from "./postgres-place.ts";
import { proveStore } from "./prove-store.ts";

proveStore("postgres", {
  open: () => openPostgresGround(sharedServer()),
  ...{ seeds: 20, harmSeeds: 40, skipped: whyWithoutServer },
});
