import { type PortMapping, RuntimeError } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import type { Command } from "./command.js";

/** `voiyd port`. */
export const port: Command = {
  usage: "port CONTAINER [PORT[/PROTOCOL]]",
  summary: "Show the published ports of a container",
  options: {},
  operands: [1, 2],
  async execute({ args, runtime, signal, surroundings }) {
    const [container = "", asked] = args.operands;
    const wanted = asked === undefined ? undefined : readPort(asked);
    const { meta, status } = await (await runtime()).get(container, { signal });
    const ports = [...(status.ports ?? [])].sort(
      (a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort,
    );
    const found = wanted === undefined ? ports : ports.filter((mapping) => inside(mapping) === wanted);
    if (wanted !== undefined && found.length === 0)
      throw new RuntimeError("NOT_FOUND", `no public port ${wanted} is published for ${meta.name}`);
    const lines = found.map(
      (mapping) => `${wanted === undefined ? `${inside(mapping)} -> ` : ""}${outside(mapping)}\n`,
    );
    await surroundings.stdout.write(lines.join(""));
    return 0;
  },
};

function readPort(text: string): string {
  const [, number, protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`${JSON.stringify(text)} is no port`, "as 80 or 53/udp");
  return `${number}/${protocol}`;
}

function inside({ containerPort, protocol = "tcp" }: PortMapping): string {
  return `${String(containerPort)}/${protocol}`;
}

function outside({ hostIp = "0.0.0.0", hostPort }: PortMapping): string {
  return `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:${String(hostPort)}`;
}
