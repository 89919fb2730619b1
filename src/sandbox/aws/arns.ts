// Makes ARNs of EventBridge, and takes them apart.

export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

export const defaultBus = "default";

export function makeArn({ account, region }: AwsPlace, resource: string): string {
  return `arn:aws:events:${region}:${account}:${resource}`;
}

/** Takes the name of a bus, or its ARN, which may be one of another account or region. */
export function busArnOf(place: AwsPlace, nameOrArn: string = defaultBus): string {
  return nameOrArn.startsWith("arn:") ? nameOrArn : makeArn(place, `event-bus/${nameOrArn}`);
}

/** The ARN of a rule names its bus, unless that is the default one. */
export function ruleArnOf(busArn: string, name: string): string {
  const bus = busNameOf(busArn);
  const [place = ""] = busArn.split("event-bus/");
  return `${place}rule/${bus === defaultBus ? "" : `${bus}/`}${name}`;
}

export function busNameOf(busArn: string): string {
  return busArn.slice(busArn.indexOf(":event-bus/") + ":event-bus/".length);
}

export function placeOf(arn: string): AwsPlace {
  const [, , , region = "", account = ""] = arn.split(":");
  return { region, account };
}

/** True if the ARN is one of this account and region. */
export function isIn(place: AwsPlace, arn: string): boolean {
  return arn.startsWith(makeArn(place, ""));
}
