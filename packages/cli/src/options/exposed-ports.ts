import { invalid, type PortMapping, type PortProtocol } from "@voiyd/runtime-api";
import { parsePublish } from "./publish.js";

/** A port that an image or a command line says the container listens at. */
export interface ExposedPort {
  readonly port: number;
  readonly protocol: PortProtocol;
}

/** The ports of `--expose`, and of an image's own list: `80`, `53/udp`, `8000-8010`. Throws `INVALID_ARGUMENT`. */
export function parseExposed(text: string, option = "--expose"): ExposedPort[] {
  // An address or a port of the host would be taken for one of the container's.
  if (text.includes(":")) throw invalid(option, text, "PORT[-PORT][/PROTOCOL], the container's own");
  return parsePublish(text).map(({ containerPort, protocol = "tcp" }) => ({ port: containerPort, protocol }));
}

/** `-P`: each of the ports on a free one of the host's, but for those that are published anyway. */
export function publishExposed(ports: readonly ExposedPort[], given: readonly PortMapping[] = []): PortMapping[] {
  const key = (port: number, protocol: PortProtocol = "tcp"): string => `${String(port)}/${protocol}`;
  const published = new Set(given.map(({ containerPort, protocol }) => key(containerPort, protocol)));
  const missing = new Map(ports.map((one) => [key(one.port, one.protocol), one]));
  for (const one of published) missing.delete(one);
  return [
    ...given,
    ...Array.from(missing.values(), ({ port, protocol }) => ({ containerPort: port, hostPort: 0, protocol })),
  ];
}
