import { describe, expect, test } from "@jest/globals";
import { type ExposedPort, parseExposed, publishExposed } from "./exposed-ports.js";

describe("exposed ports", () => {
  test.each<[string, ExposedPort[]]>([
    ["80", [{ port: 80, protocol: "tcp" }]],
    ["53/udp", [{ port: 53, protocol: "udp" }]],
    [
      "8000-8001/sctp",
      [
        { port: 8000, protocol: "sctp" },
        { port: 8001, protocol: "sctp" },
      ],
    ],
  ])("%s", (text, ports) => {
    expect(parseExposed(text)).toEqual(ports);
  });

  test.each(["", "0", "65536", "80/icmp", "8080:80", "127.0.0.1::80", "82-80", "http"])("not %j", (text) => {
    expect(() => parseExposed(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("are published at free ports, once each, and not where the user has chosen one", () => {
    const given = [{ containerPort: 80, hostPort: 8080 }];
    const ports = [...parseExposed("80"), ...parseExposed("80/udp"), ...parseExposed("443"), ...parseExposed("443")];
    expect(publishExposed(ports, given)).toEqual([
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 80, hostPort: 0, protocol: "udp" },
      { containerPort: 443, hostPort: 0, protocol: "tcp" },
    ]);
  });
});
