import { type Execute, execute } from "../process/execute.js";

export interface Link {
  readonly name: string;
  /** `veth`, `bridge`, `ifb`; empty for hardware. */
  readonly kind: string;
  readonly master: string | undefined;
}

/** The links in the output of `ip -json -details link show`. */
export function parseLinks(json: string): Link[] {
  const value: unknown = json.trim() === "" ? [] : JSON.parse(json);
  if (!Array.isArray(value)) throw new Error("ip -json link show: not a list");
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("ifname" in entry) || typeof entry.ifname !== "string")
      return [];
    const info: unknown = "linkinfo" in entry ? entry.linkinfo : undefined;
    const kind = typeof info === "object" && info !== null && "info_kind" in info ? info.info_kind : undefined;
    const master = "master" in entry ? entry.master : undefined;
    return [
      {
        name: entry.ifname,
        kind: typeof kind === "string" ? kind : "",
        master: typeof master === "string" ? master : undefined,
      },
    ];
  });
}

/** The links of this network namespace. */
export async function listLinks(run: Execute = execute): Promise<Link[]> {
  return parseLinks((await run("ip", ["-json", "-details", "link", "show"])).stdout);
}
