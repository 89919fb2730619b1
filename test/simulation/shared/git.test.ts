// Seeded stories of two machines whose state is in one Git repository.
import { openGitGround } from "./git-place.ts";
import { proveStore } from "./prove-store.ts";

proveStore("git", { open: () => Promise.resolve(openGitGround()), from: 6, seeds: 5, harmSeeds: 40 });
