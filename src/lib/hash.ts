// SHA-256, plain or keyed, as lower-case hex or as base64.
import { createHash, createHmac, hash } from "node:crypto";

/** SHA-256 over bytes or text (UTF-8) that come piece by piece. */
export interface Digest {
  readonly update: (content: Uint8Array | string) => void;
  /** Returns the digest of what came so far, and takes more afterwards. */
  readonly hex: () => string;
}

export function makeDigest(): Digest {
  const running = createHash("sha256");
  return {
    update: (content) => void running.update(content),
    hex: () => running.copy().digest("hex"),
  };
}

export function sha256Hex(text: string): string {
  return hash("sha256", text, "hex");
}

export function hmacSha256Hex(text: string, key: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}

export function hmacSha256Base64(text: string, key: Uint8Array): string {
  return createHmac("sha256", key).update(text, "utf8").digest("base64");
}
