// Recognises, by its text alone, a host that only machines in the same network can reach.
import { BlockList, isIP } from "node:net";

/** Private, loopback, link-local, shared, benchmarking, multicast and reserved. */
const ipv4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const;
const ipv6 = [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const;

const privateAddresses = new BlockList();
for (const [address, prefix] of ipv4) privateAddresses.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of ipv6) privateAddresses.addSubnet(address, prefix, "ipv6");

/**
 * `hostname` is that of a URL object. A name is not looked up, so one that leads to a private address counts as
 * public.
 */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  // A URL object writes an address with digits and dots alone, or in brackets; to judge a name as one takes long.
  const family = bare !== hostname || /^[\d.]+$/.test(bare) ? isIP(bare) : 0;
  // BlockList judges an IPv4 address that is written as an IPv6 one by the IPv4 ranges.
  if (family !== 0) return privateAddresses.check(bare, family === 4 ? "ipv4" : "ipv6");
  const name = bare.replace(/\.$/, "");
  return !name.includes(".") || /\.(?:localhost|local|internal|home\.arpa)$/.test(name);
}
