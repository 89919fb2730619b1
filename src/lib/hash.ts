// SHA-256 as lower-case hex, plain or keyed.
import { createHmac, hash } from "node:crypto";

export function sha256Hex(text: string): string {
  return hash("sha256", text, "hex");
}

export function hmacSha256Hex(text: string, key: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}
