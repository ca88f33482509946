import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { BrokerExecutor, createNetworkManager, InlineExecutor } from "@voiyd/networking-cni";

/** How long the event loop was held up at most, in milliseconds, while a process of this heap attached 16 containers. */
export async function loopLag(dir: string, megabytes: number): Promise<Readonly<Record<"inline" | "broker", number>>> {
  // Written to, so that the pages are really there.
  const ballast = Array.from({ length: megabytes }, () => Buffer.alloc(1024 * 1024, 1));
  await using broker = new BrokerExecutor();
  const inline = new InlineExecutor();
  const lag = { inline: 0, broker: 0 };
  for (const [index, [name, executor]] of (
    [
      ["inline", inline],
      ["broker", broker],
    ] as const
  ).entries()) {
    const own = (what: string): string => join(dir, name, what);
    await using manager = createNetworkManager({
      confDir: own("net.d"),
      cacheDir: own("cache"),
      netnsDir: own("netns"),
      executor,
      defaultNetwork: {
        bridge: `vlag${String(index)}`,
        subnet: `10.97.${String(index)}.0/24`,
        subnet6: false,
        ipamDataDir: own("leases"),
      },
    });
    await manager.attach({ containerId: "warm" });
    const ids = Array.from({ length: 16 }, (_, one) => `lag-${String(one)}`);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await Promise.all(ids.map((containerId) => manager.attach({ containerId })));
    delay.disable();
    lag[name] = delay.percentile(99) / 1e6;
    await Promise.all([...ids, "warm"].map((id) => manager.detach(id)));
  }
  return ballast.length === megabytes ? lag : { inline: Number.NaN, broker: Number.NaN };
}
