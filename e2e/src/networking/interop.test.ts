import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { execute } from "@voiyd/harness";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const NETWORK = "interop";
const CONTAINER = "made-by-ctr";
/** containerd's clients put their namespace in front, so that ids are unique on the host. */
const CNI_ID = `default-${CONTAINER}`;

/** The folders of go-cni are fixed; in a mount namespace of its own `ctr` finds ours there. Takes ours, and then its arguments. */
const CTR = `
set -e
conf=$1 cache=$2 plugins=$3 scratch=$4; shift 4
mount -t tmpfs tmpfs "$scratch"
mkdir -p "$scratch/etc/cni/net.d" "$scratch/work" "$scratch/plugins"
cp "$conf"/*.conflist "$scratch/etc/cni/net.d/"
mount -t overlay -o "lowerdir=/etc,upperdir=$scratch/etc,workdir=$scratch/work" overlay /etc
mount --bind "$plugins" "$scratch/plugins"
mount -t tmpfs tmpfs /opt
mkdir -p /opt/cni/bin
mount --bind "$scratch/plugins" /opt/cni/bin
mount -t tmpfs tmpfs /var/lib
mkdir /var/lib/cni
mount --bind "$cache" /var/lib/cni
exec ctr "$@"
`;

async function writeNetwork({ host }: Stage): Promise<void> {
  const ipam = { type: "host-local", ranges: [[{ subnet: host.subnet }]], dataDir: host.ipamDir };
  const plugins = [
    { type: "bridge", bridge: host.bridge, isGateway: true, ipMasq: true, ipam },
    { type: "portmap", capabilities: { portMappings: true } },
    { type: "firewall", ingressPolicy: "same-bridge" },
  ];
  const list = { cniVersion: "0.4.0", name: NETWORK, plugins };
  await writeFile(join(host.confDir, "00-interop.conflist"), JSON.stringify(list));
}

async function ctrWithNetwork({ host, directory }: Stage, ...args: readonly string[]): Promise<void> {
  const scratch = join(directory, "ctr");
  await mkdir(scratch, { recursive: true });
  const [plugins = ""] = host.pluginDirs;
  const folders = [host.confDir, host.cacheDir, plugins, scratch];
  await execute("unshare", ["--mount", "sh", "-c", CTR, "ctr", ...folders, "--address", host.address, ...args]);
}

await describeOnHost("networks beside other clients of CNI", (test) => {
  test(
    "what `ctr run --cni` has attached is listed here, and can be detached",
    async (stage) => {
      const { host, main, busybox } = stage;
      await writeNetwork(stage);
      await host.ctr("images", "pull", "--plain-http", busybox);
      await ctrWithNetwork(stage, "run", "--detach", "--cni", busybox, CONTAINER, "sleep", "3600");
      try {
        const listed = await main.network.list();
        expect(listed.map(({ containerId }) => containerId)).toEqual([CNI_ID]);
        expect(listed[0]?.interfaces).toMatchObject([
          { network: NETWORK, addresses: [{ family: 4, address: expect.any(String) }] },
        ]);
      } finally {
        await host.ctr("tasks", "kill", "--signal", "SIGKILL", CONTAINER);
        await host.ctr("tasks", "delete", CONTAINER);
        await host.ctr("containers", "delete", CONTAINER);
      }
      // Its namespace went with the task; only the record says what there is to remove.
      await main.network.detach(CNI_ID);
      expect(await main.network.list()).toEqual([]);
    },
    { keepsImages: true },
  );
});
