const PREFIX = "type.googleapis.com/";

/** Containerd's form of a type URL is the bare type name; the prefixed form of other tools is accepted when reading. */
export function bareTypeUrl(typeUrl: string): string {
  return typeUrl.startsWith(PREFIX) ? typeUrl.slice(PREFIX.length) : typeUrl;
}
