import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { userMountsOf } from "./volumes-from.js";

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
