/** A URL for people. Its query is left out: signed URLs and tokens travel there. */
export function showUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
