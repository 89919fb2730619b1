// Loads AWS's SDK at the first call, and keeps it quiet: stderr is for our own words.
import { once } from "../lib/once.ts";
import type * as sdk from "./sdk.ts";

export type Sdk = typeof sdk;

export const loadSdk = once(async (): Promise<Sdk> => {
  // Without it the SDK warns on Node 20. It reads the variable of the process when a client is made.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  return import("./sdk.ts");
});
