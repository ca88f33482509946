const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function isIpAddress(text: unknown): boolean {
  if (typeof text !== "string") return false;
  if (IPV4.test(text)) return true;
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(":")) return false;
  // The URL parser of the platform knows the whole IPv6 grammar, and is there without any import.
  return URL.canParse(`http://[${text}]/`);
}
