// Seeded stories of the real pass on the embedded platform, of webhooks, integrations and triggers beside each other.
import { proveStories } from "./prove.ts";

proveStories("mixed", 40);
