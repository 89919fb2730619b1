// Seeded stories of two processes on one disk.
import { makeFilesGround } from "./files-place.ts";
import { proveStore } from "./prove-store.ts";

proveStore("files", { open: () => Promise.resolve(makeFilesGround()), seeds: 20, harmSeeds: 40 });
