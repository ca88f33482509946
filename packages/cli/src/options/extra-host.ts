import { type ExtraHost, invalid } from "@voiyd/runtime-api";

/** `name:address` or `name=address`, with an IPv6 address in brackets or without. Throws `INVALID_ARGUMENT`. */
export function parseExtraHost(text: string): ExtraHost {
  const [, name, bracketed, plain] = /^([^:=]+)[:=](?:\[([^\]]+)\]|(.+))$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (name === undefined || address === undefined)
    throw invalid("--add-host", text, "NAME:ADDRESS, or NAME:host-gateway");
  return { name, address };
}
