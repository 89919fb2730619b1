// Finds the address of a service of AWS, where it is not AWS's own: a variable's, or that of a profile which was chosen.
import { parseAddress } from "../lib/http-address.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Sdk } from "./load-sdk.ts";

export interface EndpointSource {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The profile that the config names. */
  readonly profile: string | null;
}

/** As the SDK names the service. */
export type AwsService = "EventBridge" | "IAM" | "STS";

/** Undefined for AWS's own address. Throws ReconcileError `aws/insecureEndpoint`, `aws/malformedEndpoint`. */
export async function findEndpoint(
  service: AwsService,
  { variables, profile }: EndpointSource,
  { loadSharedConfigFiles }: Pick<Sdk, "loadSharedConfigFiles">,
): Promise<string | undefined> {
  if (variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  for (const name of [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, "AWS_ENDPOINT_URL"]) {
    const given = variables[name];
    if (given) return check(given, name);
  }
  // The default profile is nobody's choice, and any program may have written into it.
  const chosen = profile ?? variables["AWS_PROFILE"];
  if (!chosen) return undefined;
  const { configFile } = await loadSharedConfigFiles();
  const settings = configFile[chosen] ?? {};
  const own =
    configFile[`services.${settings["services"] ?? ""}`]?.[`${service.toLowerCase()}.endpoint_url`];
  const given = own ?? settings["endpoint_url"];
  return given ? check(given, `endpoint_url of the AWS profile "${chosen}"`) : undefined;
}

/** The message does not repeat the value, which may hold a password. */
function check(given: string, name: string): string {
  const url = parseAddress(given);
  if (typeof url !== "string") return given;
  if (url === "insecureUrl")
    throw new ReconcileError("aws/insecureEndpoint", `${name} is neither https nor loopback`, {
      hint: "use an https address; http is allowed only to localhost, 127.0.0.1 and [::1]",
    });
  throw new ReconcileError("aws/malformedEndpoint", `${name} is not a URL without a login`, {
    hint: "write it as https://host; credentials of AWS come from its own chain",
  });
}
