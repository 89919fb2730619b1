// How many events a group delivers, by the rate that its manifest states, and how many the platform lets through.

export interface ThroughputLimits {
  /** In the order in which they are said. */
  readonly limits: readonly ThroughputLimit[];
  /** What the resources do with their endpoints, as in "triggers start workflows". */
  readonly verb: string;
  readonly things: string;
  readonly platform: "Genesys Cloud" | "AWS";
  /** A clause: "let fewer events match". */
  readonly wayOut: string;
}

export interface ThroughputLimit {
  readonly per: "hour" | "minute" | "second";
  readonly most: number;
  /** Who may have that many, as in "allows one target". */
  readonly whom: string;
  /** What is counted together: all resources of the kind, those at one endpoint, or a group's at one endpoint. */
  readonly of: "all" | "endpoint" | "group";
}

/** Returns the estimate of events a second. Not each event type has its full rate at the same time. */
export function estimateThroughput(historicalRate: number, eventTypes: number): number {
  return historicalRate * eventTypes * 0.8;
}
