// The daemons and plugins that the end-to-end tests are run against beside the installed ones: released Go modules, each
// at one version, so that two machines test the same thing.

/** Snapshotters that need libraries or devices of the host, and Kubernetes' side, which no test uses. */
const TAGS = "no_btrfs no_zfs no_devmapper no_aufs no_cri";

/** The programs of containerd, as packages of its module. */
const DAEMON = ["cmd/containerd", "cmd/containerd-shim-runc-v2", "cmd/ctr"];

/** Those that any test uses. */
const CNI_PLUGINS = [
  ...["dhcp", "host-local", "static"].map((name) => `plugins/ipam/${name}`),
  ...["bridge", "loopback", "ptp"].map((name) => `plugins/main/${name}`),
  ...["bandwidth", "firewall", "portmap", "tuning"].map((name) => `plugins/meta/${name}`),
];

function containerd(name, module, version, plugins) {
  // What `containerd --version` says is set by the linker.
  const linkerFlags = `-s -w -X ${module}/version.Version=${version}`;
  return { name, plugins, programs: { module, version, packages: DAEMON, tags: TAGS, linkerFlags } };
}

function plugins(version) {
  const module = "github.com/containernetworking/plugins";
  // What a plugin says of its release is set by the linker.
  const linkerFlags = `-s -w -X ${module}/pkg/utils/buildversion.BuildVersion=${version}`;
  return { module, version, packages: CNI_PLUGINS, tags: "", linkerFlags };
}

const PLUGINS_1_10 = plugins("v1.10.0");

/** `programs` go in front of the PATH; `plugins`, where given, take the place of the installed CNI plugins. */
export const RELEASES = [
  containerd("containerd-1.7", "github.com/containerd/containerd", "v1.7.35"),
  containerd("containerd-2", "github.com/containerd/containerd/v2", "v2.4.2", PLUGINS_1_10),
];

/** CNI plugins that the tests of networks on a real host are run with beside the installed ones. */
export const PLUGIN_RELEASES = [{ name: "cni-plugins-1.10", plugins: PLUGINS_1_10 }];
