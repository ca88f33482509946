import { describe, expect, test } from "@jest/globals";
import type { PortMapping } from "@voiyd/runtime-api";
import fc from "fast-check";
import { parsePublish } from "./publish.js";

const port = (containerPort: number, hostPort: number, more: Partial<PortMapping> = {}): PortMapping => ({
  containerPort,
  hostPort,
  protocol: "tcp",
  ...more,
});

describe("a published port", () => {
  test.each<[string, PortMapping[]]>([
    ["80", [port(80, 0)]],
    ["8080:80", [port(80, 8080)]],
    ["0:80", [port(80, 0)]],
    ["8080:80/udp", [port(80, 8080, { protocol: "udp" })]],
    ["8080:80/SCTP", [port(80, 8080, { protocol: "sctp" })]],
    ["127.0.0.1:8080:80", [port(80, 8080, { hostIp: "127.0.0.1" })]],
    ["127.0.0.1::80", [port(80, 0, { hostIp: "127.0.0.1" })]],
    ["[::1]:8080:80/udp", [port(80, 8080, { hostIp: "::1", protocol: "udp" })]],
    ["[::1]::80", [port(80, 0, { hostIp: "::1" })]],
    ["8000-8002:80-82", [port(80, 8000), port(81, 8001), port(82, 8002)]],
    ["80-81", [port(80, 0), port(81, 0)]],
    ["8000-8000:80", [port(80, 8000)]],
    ["65535:65535", [port(65535, 65535)]],
  ])("%s is understood", (text, expected) => {
    expect(parsePublish(text)).toEqual(expected);
  });

  test.each([
    "",
    ":",
    ":80",
    "a",
    "80:",
    "65536",
    "0",
    "80:0",
    "99999:1",
    "1:2:3",
    "8000-8001:80",
    "82-80",
    "80/icmp",
    "80/",
    "-80",
    "80-",
    "::1:80:80",
    "1.2.3.4:80",
    "127.0.0.1:80",
    " 80",
    "80 ",
    "0-2:80-82",
  ])("%j is refused", (text) => {
    expect(() => parsePublish(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", details: { option: "--publish" } }),
    );
  });

  test("every range maps each port to its neighbour's neighbour", () => {
    const first = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(first, first, fc.integer({ min: 1, max: 100 }), (host, container, length) => {
        const mappings = parsePublish(`${host}-${host + length - 1}:${container}-${container + length - 1}`);
        expect(mappings).toHaveLength(length);
        mappings.forEach((mapping, index) => expect(mapping).toEqual(port(container + index, host + index)));
      }),
    );
  });

  test("any other text is understood or refused, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.:/[\]a-z-]{0,24}$/)), (text) => {
        try {
          for (const { containerPort, hostPort } of parsePublish(text)) {
            expect(containerPort >= 1 && containerPort <= 65535 && hostPort >= 0 && hostPort <= 65535).toBe(true);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
        }
      }),
    );
  });
});
