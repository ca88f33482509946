import { ok, strictEqual } from "node:assert/strict";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { rejectsWith } from "./rejections.js";
import type { Promised } from "./stage.js";

export function portsContract(promised: Promised): void {
  promised("the status tells the published port", async ({ harness, run }) => {
    const hostPort = await harness.freePort();
    const { status } = await run(harness.programs.sleepForever, published(hostPort));
    ok(
      status.ports?.some((port) => port.containerPort === 80 && port.hostPort === hostPort),
      "the port is in the status",
    );
  });

  promised("a host port of 0 becomes a free one", async ({ harness, run, runtime }) => {
    const { config, meta, status } = await run(harness.programs.sleepForever, published(0));
    const chosen = status.ports?.find((port) => port.containerPort === 80)?.hostPort ?? 0;
    ok(chosen > 0 && chosen <= 65535, `the chosen port is ${String(chosen)}`);
    strictEqual(config.portMappings?.[0]?.hostPort, 0, "the configuration stays what was asked for");
    strictEqual((await runtime.get(meta.name)).status.ports?.[0]?.hostPort, chosen);
  });

  promised("PORT_IN_USE for the port of another container, and nothing is left", async (stage) => {
    const { harness, runtime } = stage;
    const hostPort = await harness.freePort();
    const owner = await stage.run(harness.programs.sleepForever, published(hostPort));
    const rival = stage.request(harness.programs.sleepForever, published(hostPort));
    await rejectsWith("PORT_IN_USE", runtime.run(rival), [String(hostPort)]);
    strictEqual((await stage.names()).join(), owner.meta.name);
    await runtime.delete(owner);
    strictEqual((await runtime.run(rival)).status.phase, "running");
  });

  promised("cleanup of a stopped container frees its port", async (stage) => {
    const { harness, runtime } = stage;
    const hostPort = await harness.freePort();
    const first = await stage.run(harness.programs.sleepForever, published(hostPort));
    await runtime.kill(first);
    await runtime.cleanup(first.status.id);
    strictEqual((await stage.run(harness.programs.sleepForever, published(hostPort))).status.phase, "running");
  });
}

function published(hostPort: number): Partial<ContainerConfig> {
  return { network: "default", portMappings: [{ containerPort: 80, hostPort }] };
}
