import type { NetworkInfo } from "@voiyd/networking-cni";
import type { Container } from "@voiyd/runtime-api";
import { fakeContainer } from "./fake-container.js";
import { fakeNetwork, fakeNetworkInfo } from "./fake-network.js";
import { fakeRuntime, type FakeRuntime } from "./fake-runtime.js";
import { FakeSurroundings } from "./fake-surroundings.js";

/** Runs, with names and texts that could steer a terminal. */
export const web: Container = fakeContainer(
  {
    meta: { name: "web", labels: { tier: "front", "a\u001b[2J": "x\ny" } },
    config: {
      image: "nginx:1.27",
      args: ["sh", "-c", "echo 1\necho 2; and more"],
      mounts: [
        { type: "bind", source: "/srv", destination: "/x" },
        { type: "volume", name: "data", destination: "/y" },
        { type: "tmpfs", destination: "/z" },
      ],
    },
  },
  { ports: [{ containerPort: 80, hostPort: 8080 }], ip: "10.0.0.2" },
);
/** Has ended. */
export const job: Container = fakeContainer(
  { meta: { name: "job", created: new Date("2026-03-01T10:00:00.000Z") }, config: { image: "busybox" } },
  { phase: "exited", exitCode: 137, exitedAt: new Date("2026-03-01T12:04:57.000Z") },
  "b",
);
export const front: NetworkInfo = fakeNetworkInfo({
  name: "front",
  ranges: [{ subnet: "10.70.0.0/24" }, { subnet: "fd00::/64" }],
  labels: { a: "b" },
  containers: ["voiyd-a"],
});

/** A host with both, and a network, whose runtime answers as usual but for `overrides`. */
export function formatHost(
  overrides: Parameters<typeof fakeRuntime>[1] = {},
  containers: readonly Container[] = [job, web],
): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime(containers, overrides);
  return [new FakeSurroundings(fake.runtime, fakeNetwork([front]).network), fake];
}
