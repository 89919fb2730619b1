// Text from manifests, servers and files reaches a terminal without control characters and escapes.

// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Line breaks and tabs stay. */
export function plain(text: string): string {
  return text.replace(control, "\ufffd");
}
