import { describe, expect, test } from "@jest/globals";
import { GLOBAL_OPTIONS } from "./command-line/option-table.js";
import { parseCommandLine } from "./command-line/parse.js";
import { readSettings, type Settings } from "./settings.js";

function read(args: readonly string[], env: Record<string, string> = {}): Settings {
  return readSettings([parseCommandLine(args, GLOBAL_OPTIONS)], env, "/home/ada");
}

const defaults: Settings = {
  address: "/run/containerd/containerd.sock",
  namespace: "voiyd",
  debug: false,
  shortcuts: true,
  network: {},
  registry: {},
};

describe("the settings", () => {
  test.each<[string[], Record<string, string>, Partial<Settings>]>([
    [[], {}, {}],
    [[], { CONTAINERD_ADDRESS: "", CONTAINERD_NAMESPACE: "" }, {}],
    [
      [],
      { VOIYD_HOSTS_DIR: "/a:/b", VOIYD_INSECURE_REGISTRIES: "r.example,s.example:5000" },
      { registry: { hostsDirs: ["/a", "/b"], insecureRegistries: ["r.example", "s.example:5000"] } },
    ],
    [[], { CONTAINERD_ADDRESS: "/x.sock", CONTAINERD_NAMESPACE: "other" }, { address: "/x.sock", namespace: "other" }],
    [
      ["-a", "/y.sock", "-n", "mine"],
      { CONTAINERD_ADDRESS: "/x.sock", CONTAINERD_NAMESPACE: "other" },
      { address: "/y.sock", namespace: "mine" },
    ],
    [["-H", "/y.sock"], {}, { address: "/y.sock" }],
    [["--address", "unix:///y.sock"], {}, { address: "/y.sock" }],
    [["--address", "y.sock"], {}, { address: "/home/ada/y.sock" }],
    [["--debug"], {}, { debug: true }],
    [[], { VOIYD_SOCKET_CHECK: "off" }, { trustAnySocket: true }],
    [[], { VOIYD_SOCKET_CHECK: "on" }, {}],
    [[], { VOIYD_SHORTCUTS: "off" }, { shortcuts: false }],
    [[], { VOIYD_PULL_BACKEND: "transfer" }, { pullBackend: "transfer" }],
    [[], { CNI_PATH: "/a:/b", NETCONFPATH: "/c" }, { network: { binDirs: ["/a", "/b"], confDir: "/c" } }],
    [
      [],
      {
        VOIYD_LOG_DIR_FMT: "/l/%s",
        VOIYD_STATE_DIR: "/s",
        CONTAINERD_SNAPSHOTTER: "native",
        VOIYD_CNI_CACHE_DIR: "/c",
        VOIYD_NETNS_DIR: "/n",
        VOIYD_NETWORK_MODE: "auto",
        VOIYD_BRIDGE: "b0",
        VOIYD_SUBNET: "10.0.0.0/24",
        VOIYD_IPAM_DIR: "/i",
      },
      {
        logDirFmt: "/l/%s",
        stateDir: "/s",
        snapshotter: "native",
        network: {
          cacheDir: "/c",
          netnsDir: "/n",
          mode: "auto",
          bridge: "b0",
          subnet: "10.0.0.0/24",
          ipamDataDir: "/i",
        },
      },
    ],
  ])("%j with %j", (args, env, expected) => {
    expect(read(args, env)).toEqual({ ...defaults, ...expected });
  });

  test.each<[string[], Record<string, string>]>([
    [["-a", "tcp://1.2.3.4:80"], {}],
    [["-a", "unix://"], {}],
    [[], { NETCONFPATH: "net.d" }],
    [[], { CNI_PATH: "/a:bin" }],
    [[], { VOIYD_NETWORK_MODE: "fast" }],
    [[], { VOIYD_PULL_BACKEND: "docker" }],
    [[], { VOIYD_LOG_DIR_FMT: "logs/%s" }],
  ])("%j with %j is refused", (args, env) => {
    expect(() => read(args, env)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
