// ISO 8601 durations of fixed length: weeks, or days to seconds. Years and months have no fixed length.
const pattern =
  /^P(?:(\d+)W|(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/;

/** The length in milliseconds, or undefined if the text is not such a duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number];
  const totalMs = Math.round(((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
  return Number.isSafeInteger(totalMs) ? totalMs : undefined;
}
