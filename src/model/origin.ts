// Tells which part of a run the error that ended it is about.
import type { Diagnostic } from "./diagnostic.ts";
import { areaOf } from "./errors.ts";
import { hasPlan, type Result } from "./result.ts";

export type Origin = "settings" | "manifests" | "platform" | "other";

export function originOf({ code, file }: Diagnostic, result: Result): Origin {
  const room = areaOf({ code });
  if (["config", "environment", "env", "credentials", "prune", "notify", "secret"].includes(room))
    return "settings";
  if (hasPlan(result)) return "other";
  if (isOfPlatform({ code })) return "platform";
  return file !== null || room === "folder" ? "manifests" : "other";
}

export function isOfPlatform({ code }: Pick<Diagnostic, "code">): boolean {
  return ["auth", "network", "api", "platform"].includes(areaOf({ code }));
}
