// Seeded stories of the real pass on the embedded platform, of webhooks.
import { proveStories } from "./prove.ts";

proveStories("webhooks", 200);
