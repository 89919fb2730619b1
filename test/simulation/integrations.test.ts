// Seeded stories of the real pass on the embedded platform, of EventBridge integrations.
import { proveStories } from "./prove.ts";

proveStories("integrations", 60);
