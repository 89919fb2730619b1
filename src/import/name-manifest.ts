// What an imported group's manifest and its file are called, whatever the group is called.
import { sha256Hex } from "../lib/hash.ts";

/** As the schema has it. */
const maxLength = 63;

/** Windows opens a device under these names, whatever their ending. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Lower-case letters, digits and hyphens: fit for `metadata.name` and, with `.yaml`, for a file on any system. With
 * 8 hex of the group's own where `isTaken` says so, so that a name does not depend on what else is imported.
 */
export function nameManifest(group: string, isTaken: (name: string) => boolean): string {
  const name = cut(group.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), maxLength) || "group";
  if (!device.test(name) && !isTaken(name)) return name;
  const hash = sha256Hex(group);
  const apart = (digits: number): string => `${cut(name, maxLength - digits - 1)}-${hash.slice(0, digits)}`;
  const lengths = [8, 16, 32, 48];
  return apart(lengths.find((digits) => !isTaken(apart(digits))) ?? 56);
}

function cut(text: string, length: number): string {
  return text.replace(/^-+/, "").slice(0, length).replace(/-+$/, "");
}
