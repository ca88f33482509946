import { ok } from "node:assert/strict";
import { DEFAULT_NETWORK, type ContainerRequest, type NetworkAttachRequest } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith } from "./rejections.js";
import type { Promised, Stage } from "./stage.js";

const BAD_NETWORKS: Readonly<Record<string, readonly NetworkAttachRequest[]>> = {
  "no network at all": [],
  "the network of the host among them": [{ name: DEFAULT_NETWORK }, { name: "host" }],
  "one network twice": [{ name: DEFAULT_NETWORK }, { name: DEFAULT_NETWORK }],
  "one interface twice": [
    { name: DEFAULT_NETWORK, ifName: "lan0" },
    { name: "other", ifName: "lan0" },
  ],
  "an address that is none": [{ name: DEFAULT_NETWORK, ips: ["web"] }],
  "the MAC of a group": [{ name: DEFAULT_NETWORK, mac: "ff:ff:ff:ff:ff:ff" }],
  "an alias of two lines": [{ name: DEFAULT_NETWORK, aliases: ["one\n127.0.0.1 two"] }],
};

/** What a container may ask of its networks, beyond a name. */
export function networksContract(promised: Promised): void {
  promised("a container with a list of networks has an address, and keeps what was asked for", async (stage) => {
    const networks = [{ name: DEFAULT_NETWORK, ifName: "eth0", aliases: ["store"] }];
    const asked = attachedTo(stage, networks);
    const { status } = await stage.runtime.run(asked);
    ok(status.ip !== undefined && status.ip !== "", "status.ip is an address");
    assertSame((await stage.runtime.get(asked.meta.name)).config.networks, networks);
  });

  for (const [description, networks] of Object.entries(BAD_NETWORKS)) {
    promised(`INVALID_ARGUMENT for ${description}`, async (stage) => {
      await rejectsWith("INVALID_ARGUMENT", stage.runtime.run(attachedTo(stage, networks)));
      assertSame(await stage.names(), []);
    });
  }

  promised("INVALID_ARGUMENT for a network beside a list of them", async (stage) => {
    const { meta, config } = attachedTo(stage, [{ name: DEFAULT_NETWORK }]);
    const both = { meta, config: { ...config, network: DEFAULT_NETWORK } };
    await rejectsWith("INVALID_ARGUMENT", stage.runtime.run(both));
  });
}

/** A request without the network that the harness may want for all. */
function attachedTo(stage: Stage, networks: readonly NetworkAttachRequest[]): ContainerRequest {
  const { meta, config } = stage.request(stage.harness.programs.sleepForever);
  const { network: replaced, ...rest } = config;
  ok(replaced === undefined || replaced !== "", "the harness names a network or none");
  return { meta, config: { ...rest, networks } };
}
