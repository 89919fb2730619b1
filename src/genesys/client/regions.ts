// Genesys Cloud's regions, with the addresses of their APIs and logins.

export interface Region {
  readonly domain: string;
  readonly awsRegion: string;
}

const domainByAwsRegion = {
  "us-east-1": "mypurecloud.com",
  "us-east-2": "use2.us-gov-pure.cloud",
  "us-west-2": "usw2.pure.cloud",
  "ca-central-1": "cac1.pure.cloud",
  "sa-east-1": "sae1.pure.cloud",
  "mx-central-1": "mxc1.pure.cloud",
  "eu-west-1": "mypurecloud.ie",
  "eu-west-2": "euw2.pure.cloud",
  "eu-central-1": "mypurecloud.de",
  "eu-central-2": "euc2.pure.cloud",
  "eusc-de-east-1": "edee1.eusc-pure.cloud",
  "me-central-1": "mec1.pure.cloud",
  "ap-south-1": "aps1.pure.cloud",
  "ap-southeast-1": "apse1.pure.cloud",
  "ap-southeast-2": "mypurecloud.com.au",
  "ap-northeast-1": "mypurecloud.jp",
  "ap-northeast-2": "apne2.pure.cloud",
  "ap-northeast-3": "apne3.pure.cloud",
} as const;

const regions: readonly Region[] = Object.entries(domainByAwsRegion).map(([awsRegion, domain]) => ({
  domain,
  awsRegion,
}));

/** The domains of all regions, for "did you mean". */
export const regionDomains: readonly string[] = regions.map((region) => region.domain);

/** Finds a region by its domain or AWS region, in upper or lower case. */
export function findRegion(text: string): Region | undefined {
  const wanted = text.trim().toLowerCase();
  return regions.find(({ domain, awsRegion }) => domain === wanted || awsRegion === wanted);
}

export function apiUrl(domain: string): string {
  return `https://api.${domain}`;
}

export function tokenUrl(domain: string): string {
  return `https://login.${domain}/oauth/token`;
}
