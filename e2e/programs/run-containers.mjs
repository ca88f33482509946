// Runs containers on the host that it is told of, or removes them; tells when it begins and when it is done, and stays:
// for tests that end this process in the middle, or before its containers.
import { ContainerdClient } from "@voiyd/containerd-client";
import { createNetworkManager } from "@voiyd/networking-cni";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";

const { host, requests, operation } = JSON.parse(process.argv[2]);
const client = new ContainerdClient({ address: host.address, namespace: "voiyd" });
const network = createNetworkManager({
  confDir: host.confDir,
  cacheDir: host.cacheDir,
  netnsDir: host.netnsDir,
  binDirs: host.pluginDirs,
  defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
});
const runtime = createContainerdRuntime(client, network, { logDirFmt: host.logDirFmt, stateDir: host.stateDir });
await client.waitUntilReady();
process.stdout.write("begin\n");
await Promise.all(
  requests.map((request) => (operation === "delete" ? runtime.delete(request.meta.name) : runtime.run(request))),
);
process.stdout.write("done\n");
setInterval(() => undefined, 60_000);
