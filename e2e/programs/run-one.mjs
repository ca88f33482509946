// Runs one container on the host that the environment describes, tells when it begins, and stays: for tests that end
// this process in the middle.
import { ContainerdClient } from "@voiyd/containerd-client";
import { createNetworkManager } from "@voiyd/networking-cni";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";

const { host, request, operation } = JSON.parse(process.argv[2]);
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
if (operation === "delete") await runtime.delete(request.meta.name);
else await runtime.run(request);
process.stdout.write("done\n");
setInterval(() => undefined, 60_000);
