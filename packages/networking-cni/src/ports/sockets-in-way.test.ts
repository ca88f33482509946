import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { socketsInWay } from "./sockets-in-way.js";

const port = (hostPort: number, hostIp = "0.0.0.0", protocol: "tcp" | "udp" | "sctp" = "tcp") =>
  ({ hostPort, hostIp, protocol, containerPort: 80 }) as const;

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("the sockets in the way of a port", () => {
  test.each(["127.0.0.1", "0.0.0.0"])("are those that listen on it at %s", async (host) => {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const taken = portOf(server.address());
    for (const hostIp of ["0.0.0.0", "127.0.0.1"]) {
      expect(await socketsInWay([port(taken, hostIp)])).toContainEqual({
        protocol: "tcp",
        port: taken,
        address: host,
        listening: true,
      });
    }
    server.close();
    await once(server, "close");
    for (const hostIp of ["0.0.0.0", "127.0.0.1", "::"]) expect(await socketsInWay([port(taken, hostIp)])).toEqual([]);
  });

  test("are those that have bound it for udp, and not those of the other protocol", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const taken = socket.address().port;
    expect(await socketsInWay([port(taken, "0.0.0.0", "udp")])).toContainEqual(
      expect.objectContaining({ protocol: "udp", port: taken, listening: true }),
    );
    expect((await socketsInWay([port(taken)])).filter((one) => one.port === taken)).toEqual([]);
    socket.close();
    await once(socket, "close");
    expect(await socketsInWay([port(taken, "127.0.0.1", "udp")])).toEqual([]);
  });

  test("are looked up where binding does not tell: a connection that has the port does not listen on it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect(portOf(server.address()), "127.0.0.1");
    await once(client, "connect");
    const own = client.localPort ?? 0;
    expect((await socketsInWay([port(own)])).filter((one) => one.port === own && one.listening)).toEqual([]);
    client.destroy();
    server.close();
  });

  test("are all of them where a port is to be chosen, and for an address that is not this host's", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const open = { protocol: "tcp", port: portOf(server.address()), address: "127.0.0.1", listening: true };
    expect(await socketsInWay([port(0)])).toContainEqual(open);
    expect(await socketsInWay([port(81, "192.0.2.1")])).toContainEqual(open);
    server.close();
  });
});
