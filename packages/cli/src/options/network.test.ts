import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { parseCommandLine } from "../command-line/parse.js";
import { NETWORK_OPTIONS, readNetworks } from "./network.js";

type Networks = Pick<ContainerConfig, "network" | "networks">;

const read = (...args: readonly string[]): Networks => readNetworks(parseCommandLine(args, NETWORK_OPTIONS));

describe("the networks of run", () => {
  test.each<[string[], Networks]>([
    [[], {}],
    [["--network", "none"], { network: "none" }],
    [["--net", "container:web"], { network: "container:web" }],
    [["--network", "front"], { network: "front" }],
    [["--network", "name=front"], { network: "front" }],
    [["--network", "front", "--network", "back"], { networks: [{ name: "front" }, { name: "back" }] }],
    [["--ip", "10.69.0.9"], { networks: [{ name: "default", ips: ["10.69.0.9"] }] }],
    [
      ["--network", "front", "--network", "back", "--ip", "10.1.0.9", "--ip6", "fd00::9"],
      { networks: [{ name: "front", ips: ["10.1.0.9", "fd00::9"] }, { name: "back" }] },
    ],
    [
      ["--network=front", "--mac-address", "02:42:ac:11:00:02", "--network-alias", "www", "--net-alias", "web"],
      { networks: [{ name: "front", mac: "02:42:ac:11:00:02", aliases: ["www", "web"] }] },
    ],
    [
      ["--network", "name=front,ip=10.1.0.9,ip6=fd00::9,alias=a,alias=b,interface=lan0,mac-address=02:00:00:00:00:01"],
      {
        networks: [
          {
            name: "front",
            ifName: "lan0",
            ips: ["10.1.0.9", "fd00::9"],
            mac: "02:00:00:00:00:01",
            aliases: ["a", "b"],
          },
        ],
      },
    ],
    [
      ["--network", "name=front,alias=a", "--network", "name=back,ip=10.2.0.9", "--network-alias", "b"],
      {
        networks: [
          { name: "front", aliases: ["a", "b"] },
          { name: "back", ips: ["10.2.0.9"] },
        ],
      },
    ],
  ])("%j", (args, expected) => {
    expect(read(...args)).toEqual(expected);
  });

  test.each<[string[]]>([
    [["--network", "none", "--network", "front"]],
    [["--network", "front", "--network", "host"]],
    [["--network", "host", "--ip", "10.0.0.1"]],
    [["--network", "name=none,alias=web"]],
    [["--network", "ip=10.0.0.1"]],
    [["--network", "name=front,speed=1"]],
    [["--network", "name=front,ip="]],
    [["--network", "name=front,"]],
  ])("%j is refused", (args) => {
    expect(() => read(...args)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
