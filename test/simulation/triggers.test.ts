// Seeded stories of the real pass on the embedded platform, of triggers.
import { proveStories } from "./prove.ts";

proveStories("triggers", 60);
