import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { errorCode } from "../plugin/error-code.js";
import { readHostSockets, type HostSocket } from "./listeners.js";
import { isFixed, type RequestedPort } from "./validate-ports.js";

/** The sockets of the host that may be in the way of ports. The seam for tests. */
export type ReadSockets = (ports: readonly RequestedPort[]) => Promise<readonly HostSocket[]>;

/**
 * The sockets of the host that may be in the way of ports; none where each port could be bound for a moment. The kernel
 * answers that at once, while for its tables of sockets it goes through hundreds of thousands of entries. Under the lock of
 * the ports, so that two who look are not in each other's way.
 */
export const socketsInWay: ReadSockets = async (ports) => {
  const bindable = await Promise.all(ports.map(async (port) => isFixed(port) && (await canBind(port))));
  return bindable.every(Boolean) ? [] : readHostSockets(new Set(ports.map(({ protocol }) => protocol)));
};

/** Whether a port can be bound, and thus nobody listens on it. False says nothing: a connection may have the port, too. */
async function canBind({ protocol, hostPort, hostIp }: RequestedPort): Promise<boolean> {
  if (protocol === "sctp") return false;
  const bind = protocol === "tcp" ? bindTcp : bindUdp;
  if (hostIp !== "0.0.0.0") return (await bind(hostIp, hostPort)) === "";
  // The IPv6 one stands for both families, where there are two.
  const both = await bind("::", hostPort);
  const onlyOne = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"].includes(both);
  return (onlyOne ? await bind("0.0.0.0", hostPort) : both) === "";
}

/** Resolves with the code of the error, or an empty text. */
function bindTcp(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => {
      resolve(errorCode(error) ?? "unknown");
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve("");
      });
    });
  });
}

function bindUdp(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4" });
    socket.once("error", (error) => {
      socket.close();
      resolve(errorCode(error) ?? "unknown");
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.close(() => {
        resolve("");
      });
    });
  });
}
