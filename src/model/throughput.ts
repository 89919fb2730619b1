// How many events a group delivers, by the rate that its manifest states, and how many the platform lets through.

/** The limits of an organisation, over all resources of a kind. */
export interface ThroughputLimits {
  readonly perHour: number;
  readonly perMinute: number;
  /** The part of `perMinute` that may go to one endpoint. */
  readonly perMinuteToOne: number;
  /** The platform's name for these limits. */
  readonly namespace: string;
  /** What the resources do with their endpoints, as in "triggers start workflows". */
  readonly verb: string;
  readonly things: string;
  readonly wayOut: string;
}

/** Returns the estimate of events a second. Not each event type has its full rate at the same time. */
export function estimateThroughput(historicalRate: number, eventTypes: number): number {
  return historicalRate * eventTypes * 0.8;
}
