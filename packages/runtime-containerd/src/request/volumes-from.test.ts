import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { assertSameIds, ownMountsOf, userMountsOf } from "./volumes-from.js";

const STATE = "/state";
const bind = (destination: string, source: string): object => ({
  destination,
  type: "bind",
  source,
  options: ["rbind", "rw", "rprivate"],
});

const SPEC = {
  mounts: [
    { destination: "/proc", type: "proc", source: "proc", options: [] },
    { destination: "/scratch", type: "tmpfs", source: "tmpfs", options: [] },
    bind("/etc/hosts", "/state/x/hosts"),
    bind("/etc/hostname", "/state/x/hostname"),
    bind("/etc/resolv.conf", "/home/mine"),
    bind("/dev/shm", "/state/x/shm"),
    bind("/sbin/voiyd-init", "/usr/bin/tini-static"),
    bind("/data", "/state/volumes/v/data"),
    bind("/own", "/state/x/volumes/1"),
    bind("/bound", "/home/ada"),
    bind("/usr/lib/gpu.so", "/usr/lib/gpu.so"),
  ],
};

function shared(config: Partial<ContainerConfig>): readonly string[] {
  return userMountsOf(SPEC, { image: "x", ...config }, STATE).map(({ destination }) => destination);
}

describe("what is mounted in another container", () => {
  test("is what its request and its image asked for, and not what the runtime puts into every container", () => {
    expect(shared({})).toEqual(["/data", "/own", "/bound", "/usr/lib/gpu.so"]);
  });

  test("is a file in the place of one of the runtime's, where the request mounts one", () => {
    const mounts = [{ type: "bind", source: "/home/mine", destination: "/etc/resolv.conf" } as const];
    expect(shared({ mounts })).toContain("/etc/resolv.conf");
  });

  test("is not what its devices brought along", () => {
    const mounts = [{ type: "bind", source: "/home/ada", destination: "/bound" } as const];
    expect(shared({ mounts, devices: [{ cdi: "vendor.com/gpu=0" }] })).toEqual(["/data", "/own", "/bound"]);
  });

  test.each([undefined, {}, { mounts: 7 }, { mounts: [7, { type: "bind" }] }])("is nothing in %j", (spec) => {
    expect(userMountsOf(spec, { image: "x" }, STATE)).toEqual([]);
  });
});

test("the runtime's own mounts are all but those that somebody has asked for", () => {
  const mounts = [
    { type: "bind", source: "/home/mine", destination: "/etc/resolv.conf" },
    { type: "bind", source: "/home/ada", destination: "/bound" },
    { type: "tmpfs", destination: "/scratch" },
  ] as const;
  const own = ownMountsOf(SPEC, { image: "x", mounts, devices: [{ cdi: "vendor.com/gpu=0" }] }, STATE);
  expect(own.map(({ destination }) => destination)).toEqual([
    "/proc",
    "/etc/hosts",
    "/etc/hostname",
    "/dev/shm",
    "/sbin/voiyd-init",
    "/usr/lib/gpu.so",
  ]);
});

describe("volumes of a container with other ids", () => {
  const mapped = (hostId: number): ContainerConfig => {
    const ids = [{ containerId: 0, hostId, size: 65_536 }];
    return { image: "x", namespaces: { user: { uids: ids, gids: ids } } };
  };

  test("are refused to a container with a user namespace, and open to root of the host", () => {
    const ask = (ours: ContainerConfig, theirs: ContainerConfig) => (): void => {
      assertSameIds(ours, theirs, "volumesFrom[0]");
    };
    expect(ask(mapped(100_000), mapped(200_000))).toThrow(/^volumesFrom\[0\]: the files of that container/);
    expect(ask(mapped(100_000), { image: "x" })).toThrow(/other ids/);
    expect(ask(mapped(100_000), mapped(100_000))).not.toThrow();
    expect(ask({ image: "x" }, mapped(100_000))).not.toThrow();
  });
});
