import { describe, expect, test } from "@jest/globals";
import { isRuntimeError, type PortRequest } from "@voiyd/runtime-api";
import fc from "fast-check";
import { parsePort } from "./parse-port.js";
import { reservePorts, type PortUse } from "./reserve-ports.js";
import { validatePorts } from "./validate-ports.js";

const FREE: PortUse = { owned: [], sockets: [], random: () => 0 };

/** `hostIp|hostPort[-end]>containerPort/protocol`. */
function shown({ hostIp = "*", hostPort, hostPortEnd, containerPort, protocol = "tcp" }: PortRequest): string {
  const end = hostPortEnd === undefined ? "" : `-${String(hostPortEnd)}`;
  return `${hostIp}|${String(hostPort)}${end}>${String(containerPort)}/${protocol}`;
}

describe("a port as it is written", () => {
  test.each([
    ["80", ["*|0>80/tcp"]],
    ["80/udp", ["*|0>80/udp"]],
    ["80/SCTP", ["*|0>80/sctp"]],
    ["8080:80", ["*|8080>80/tcp"]],
    ["0:80", ["*|0>80/tcp"]],
    ["65535:65535/tcp", ["*|65535>65535/tcp"]],
    ["127.0.0.1::80", ["127.0.0.1|0>80/tcp"]],
    ["127.0.0.1:0:80", ["127.0.0.1|0>80/tcp"]],
    ["127.0.0.1:8080:80/udp", ["127.0.0.1|8080>80/udp"]],
    ["0.0.0.0:8080:80", ["0.0.0.0|8080>80/tcp"]],
    ["[::1]:8080:80", ["::1|8080>80/tcp"]],
    ["[::]::80", ["::|0>80/tcp"]],
    ["[::ffff:1.2.3.4]:1:2", ["::ffff:1.2.3.4|1>2/tcp"]],
    ["80-81", ["*|0>80/tcp", "*|0>81/tcp"]],
    ["8000-8002:80-82", ["*|8000>80/tcp", "*|8001>81/tcp", "*|8002>82/tcp"]],
    ["[fd00::1]:8000-8001:90-91/udp", ["fd00::1|8000>90/udp", "fd00::1|8001>91/udp"]],
    ["8000-8010:80", ["*|8000-8010>80/tcp"]],
    ["127.0.0.1:8000-8010:80/udp", ["127.0.0.1|8000-8010>80/udp"]],
    ["8000-8000:80", ["*|8000>80/tcp"]],
    ["127.0.0.1::80-81", ["127.0.0.1|0>80/tcp", "127.0.0.1|0>81/tcp"]],
  ])("%s", (text, ports) => {
    expect(parsePort(text).map(shown)).toEqual(ports);
  });

  test.each([
    "",
    ":",
    ":80",
    "::80",
    "80:",
    "1:2:3:4",
    "::1:8080:80",
    "[::1]:80",
    "[::1]",
    "[127.0.0.1]:1:2",
    "[::1%eth0]:1:2",
    "127.0.0.1:80",
    "1.2.3:1:2",
    "localhost:1:2",
    "0",
    "8080:0",
    "65536",
    "8080:65536",
    "0-5:80",
    "80-70",
    "8000-8002:80-81",
    "8000:80-81",
    "80/",
    "80/icmp",
    "80/tcp/udp",
    "-80",
    "+80",
    "8e1",
    " 80",
    "80\n",
    "8080: 80",
    "080000",
  ])("%j is none", (text) => {
    expect(() => parsePort(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("comes back as it was written, whatever it is", () => {
    const port = fc.integer({ min: 1, max: 65535 });
    const hostIp = fc.oneof(fc.constant(undefined), fc.ipV4(), fc.ipV6());
    const protocol = fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const);
    fc.assert(
      fc.property(port, fc.integer({ min: 0, max: 65535 }), hostIp, protocol, (containerPort, hostPort, ip, proto) => {
        const address = ip === undefined ? "" : ip.includes(":") ? `[${ip}]:` : `${ip}:`;
        expect(parsePort(`${address}${String(hostPort)}:${String(containerPort)}/${proto}`)).toEqual([
          { containerPort, hostPort, protocol: proto, ...(ip === undefined ? {} : { hostIp: ip }) },
        ]);
      }),
    );
  });

  test("is either refused, or valid", () => {
    const nearly = fc.array(
      fc.constantFrom("80", "8000-8010", ":", "::", "-", "/", "udp", "[", "]", "::1", "1.2.3.4", "0", "65536"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          nearly.map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            expect(parsePort(text).every((port) => validatePorts([port]).length === 1)).toBe(true);
          } catch (error) {
            expect(isRuntimeError(error, "INVALID_ARGUMENT")).toBe(true);
          }
        },
      ),
    );
  });
});

describe("a range of host ports for one port", () => {
  const pool = validatePorts(parsePort("8000-8002:80"));
  const taken = (...ports: readonly number[]): PortUse => ({
    ...FREE,
    owned: ports.map((hostPort) => ({
      owner: `container ${String(hostPort)}`,
      port: { hostPort, containerPort: 1, protocol: "tcp", hostIp: "0.0.0.0" },
    })),
  });

  test("is the first of them that is free", () => {
    expect(reservePorts(pool, FREE)).toEqual([
      { containerPort: 80, hostPort: 8000, protocol: "tcp", hostIp: "0.0.0.0" },
    ]);
    expect(reservePorts(pool, taken(8000, 8001))[0]?.hostPort).toBe(8002);
  });

  test("is in use when all of them are, and says by whom", () => {
    expect(() => reservePorts(pool, taken(8000, 8001, 8002))).toThrow(
      expect.objectContaining({
        code: "PORT_IN_USE",
        details: expect.objectContaining({ owner: "container 8000, container 8001, container 8002" }),
      }),
    );
  });

  test("leaves a port alone that the same request asks for by its number", () => {
    const ports = validatePorts([...parsePort("8000-8002:80"), ...parsePort("8000:90"), ...parsePort("8000-8002:70")]);
    expect(reservePorts(ports, FREE).map(({ hostPort, containerPort }) => [hostPort, containerPort])).toEqual([
      [8001, 80],
      [8000, 90],
      [8002, 70],
    ]);
  });

  test.each([
    [{ containerPort: 80, hostPort: 0, hostPortEnd: 10 }],
    [{ containerPort: 80, hostPort: 8000, hostPortEnd: 7999 }],
    [{ containerPort: 80, hostPort: 8000, hostPortEnd: 65536 }],
  ])("cannot be %j", (port) => {
    expect(() => validatePorts([port])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
