// Reads NO_PROXY as curl reads it: which hosts are reached without the proxy.
import { BlockList, isIP } from "node:net";

const ports: Readonly<Record<string, string>> = { "https:": "443", "http:": "80" };

/**
 * A name covers its subdomains too, with or without a dot or `*.` before it; an address may have a number of bits behind
 * it (`10.0.0.0/8`); a port behind an entry limits it to that port; `*` covers everything.
 */
export function isWithoutProxy(url: URL, list: string): boolean {
  const host = bare(url.hostname);
  const port = url.port === "" ? ports[url.protocol] : url.port;
  return list.split(/[,\s]+/).some((entry) => {
    // An IPv6 address without brackets has colons, too, and no port.
    const found = /^([^:]+|\[.+\]):(\d+)$/.exec(entry);
    if (found && found[2] !== port) return false;
    return covers(bare(found?.[1] ?? entry), host);
  });
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\](?=\/|$)/, "$1")
    .replace(/\.$/, "");
}

function covers(entry: string, host: string): boolean {
  if (entry === "*") return true;
  const family = isIP(host);
  if (family !== 0) return coversAddress(entry, host, family === 4 ? "ipv4" : "ipv6");
  const name = entry.replace(/^\*?\./, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

function coversAddress(entry: string, host: string, family: "ipv4" | "ipv6"): boolean {
  const most = family === "ipv4" ? 32 : 128;
  const [address = "", bits = String(most)] = entry.split("/");
  if (isIP(address) !== (family === "ipv4" ? 4 : 6) || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    return false;
  const covered = new BlockList();
  covered.addSubnet(address, Number(bits), family);
  return covered.check(host, family);
}
