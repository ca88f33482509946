import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "../container.js";
import { isRuntimeError } from "../runtime-error.js";
import { assertContainerRequest } from "./container-request.js";

function refusedOption(config: unknown): unknown {
  const check: (request: never) => void = assertContainerRequest;
  try {
    Reflect.apply(check, undefined, [{ meta: { name: "web" }, config }]);
    return undefined;
  } catch (error) {
    return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
  }
}

describe("the networks of a container", () => {
  test("may be several, with everything that a network can be asked for", () => {
    const config: ContainerConfig = {
      image: "nginx",
      networks: [
        {
          name: "front",
          ips: ["10.1.0.9", "fd00::9/64"],
          mac: "02:42:AC:11:00:02",
          aliases: ["www", "www.example_1.test"],
        },
        { name: "default", ifName: "lan0" },
      ],
      portMappings: [{ hostPort: 0, containerPort: 80 }],
    };
    expect(refusedOption(config)).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["networks", []],
    ["networks", ["front"]],
    ["networks", "front"],
    ["networks[0].name", [{}]],
    ["networks[0].name", [{ name: "none" }]],
    ["networks[0].name", [{ name: "host" }]],
    ["networks[0].name", [{ name: "container:web" }]],
    ["networks[0].name", [{ name: "../net" }]],
    ["networks[1].name", [{ name: "a" }, { name: "a" }]],
    ["networks[0].ifName", [{ name: "a", ifName: "lo" }]],
    ["networks[0].ifName", [{ name: "a", ifName: ".." }]],
    ["networks[0].ifName", [{ name: "a", ifName: "a b" }]],
    ["networks[0].ifName", [{ name: "a", ifName: "a/b" }]],
    ["networks[0].ifName", [{ name: "a", ifName: "sixteen-letters-" }]],
    [
      "networks[1].ifName",
      [
        { name: "a", ifName: "x" },
        { name: "b", ifName: "x" },
      ],
    ],
    ["networks[0].ips", [{ name: "a", ips: "10.0.0.1" }]],
    ["networks[0].ips", [{ name: "a", ips: ["10.0.0.1/33"] }]],
    ["networks[0].ips", [{ name: "a", ips: ["fe80::1%eth0"] }]],
    ["networks[0].ips", [{ name: "a", ips: [1] }]],
    ["networks[0].mac", [{ name: "a", mac: "03:42:ac:11:00:02" }]],
    ["networks[0].mac", [{ name: "a", mac: "00:00:00:00:00:00" }]],
    ["networks[0].mac", [{ name: "a", mac: "02-42-ac-11-00-02" }]],
    ["networks[0].aliases", [{ name: "a", aliases: ["one\ntwo"] }]],
  ])("%s: %j is refused", (option, networks) => {
    expect(refusedOption({ image: "nginx", networks })).toBe(option);
  });

  test("are not given beside a network", () => {
    expect(refusedOption({ image: "nginx", network: "default", networks: [{ name: "front" }] })).toBe("networks");
  });
});
