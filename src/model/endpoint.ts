// Endpoints compare by meaning, travel as written, and are shown without their query string.

/** Equal for two endpoints that mean the same: `https://A.example.com:443/x` and `https://a.example.com/x`. */
export function endpointKey(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** For people's eyes: a query string may hold a secret, so it is shown as `?…`. */
export function shownEndpoint(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : `${url.slice(0, query)}?…`;
}
