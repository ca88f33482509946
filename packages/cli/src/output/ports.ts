import type { PortMapping } from "@voiyd/runtime-api";

interface Run {
  readonly address: string;
  readonly protocol: string;
  readonly host: number;
  readonly container: number;
  length: number;
}

/** Published ports, neighbours drawn together: `0.0.0.0:8080-8081->80-81/tcp, 127.0.0.1:53->53/udp`. */
export function renderPorts(ports: readonly PortMapping[]): string {
  const runs: Run[] = [];
  for (const port of [...ports].sort(inOrder)) {
    const run = runs.at(-1);
    if (run !== undefined && continues(run, port)) run.length += 1;
    else
      runs.push({
        address: addressOf(port),
        protocol: protocolOf(port),
        host: port.hostPort,
        container: port.containerPort,
        length: 1,
      });
  }
  return runs
    .map((run) => `${run.address}:${range(run.host, run.length)}->${range(run.container, run.length)}/${run.protocol}`)
    .join(", ");
}

function continues(run: Run, port: PortMapping): boolean {
  return (
    run.address === addressOf(port) &&
    run.protocol === protocolOf(port) &&
    run.host + run.length === port.hostPort &&
    run.container + run.length === port.containerPort
  );
}

function inOrder(a: PortMapping, b: PortMapping): number {
  if (addressOf(a) !== addressOf(b)) return addressOf(a) < addressOf(b) ? -1 : 1;
  if (protocolOf(a) !== protocolOf(b)) return protocolOf(a) < protocolOf(b) ? -1 : 1;
  return a.containerPort - b.containerPort || a.hostPort - b.hostPort;
}

function addressOf({ hostIp = "0.0.0.0" }: PortMapping): string {
  return hostIp.includes(":") ? `[${hostIp}]` : hostIp;
}

function protocolOf({ protocol = "tcp" }: PortMapping): string {
  return protocol;
}

function range(first: number, length: number): string {
  return length === 1 ? String(first) : `${String(first)}-${String(first + length - 1)}`;
}
