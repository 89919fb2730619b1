// All checks of `doctor`, in the order in which they are shown: an earlier fault explains the later ones.
import type { Check } from "./check.ts";
import { checkAws, checkAwsDelivery, checkAwsPermissions, checkAwsSource } from "./check-aws.ts";
import { checkGit, checkNode, checkState, checkTrail } from "./check-machine.ts";
import { checkEndpoints, checkManifests } from "./check-manifests.ts";
import { checkNotify } from "./check-notify.ts";
import { checkPermissions } from "./check-permissions.ts";
import { checkApi, checkClock, checkRateLimit, checkToken } from "./check-platform.ts";
import { checkResources } from "./check-resources.ts";
import { checkConfig, checkCredentials, checkRegion } from "./check-settings.ts";
import { checkStore } from "./check-store.ts";

export const checks: readonly Check[] = [
  { name: "node", judge: checkNode },
  { name: "config", judge: checkConfig },
  { name: "region", judge: checkRegion },
  { name: "credentials", judge: checkCredentials },
  { name: "token", judge: checkToken },
  { name: "api", judge: checkApi },
  { name: "permissions", judge: checkPermissions },
  { name: "resources", judge: checkResources },
  { name: "aws", judge: checkAws },
  { name: "aws permissions", judge: checkAwsPermissions },
  { name: "aws source", judge: checkAwsSource },
  { name: "aws delivery", judge: checkAwsDelivery },
  { name: "clock", judge: checkClock },
  { name: "rate limit", judge: checkRateLimit },
  { name: "manifests", judge: checkManifests },
  { name: "endpoints", judge: checkEndpoints },
  { name: "state", judge: checkState },
  { name: "store", judge: checkStore },
  { name: "trail", judge: checkTrail },
  { name: "git", judge: checkGit },
  { name: "notify", judge: checkNotify },
];
