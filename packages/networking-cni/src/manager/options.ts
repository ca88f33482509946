import type { Logger } from "@voiyd/logger";
import type { DefaultNetworkOptions } from "../config/default-network.js";
import type { PluginExecutor } from "../plugin/executor.js";
import type { Timeouts } from "./parts.js";

/** Everything has a default; all paths are absolute. */
export interface NetworkManagerOptions {
  /** Where network configurations are. Default `/etc/cni/net.d`. */
  readonly confDir?: string;
  /** Where plugins are looked for, in this order. Default: where distributions put them. */
  readonly binDirs?: readonly string[];
  /** Where records are kept, in `<cacheDir>/results`. Default `/var/lib/cni`, as for libcni. */
  readonly cacheDir?: string;
  /** Where network namespaces are pinned. Default `/run/voiyd/netns`. */
  readonly netnsDir?: string;
  readonly defaultNetwork?: DefaultNetworkOptions;
  /** Default: silent. */
  readonly logger?: Logger;
  /** What runs the plugins. Default: child processes. */
  readonly executor?: PluginExecutor;
  /** Defaults: attach 60 000, detach 60 000, grace 2 000, outlived plugins 10 000. In milliseconds. */
  readonly timeouts?: Partial<Timeouts>;
  /** How many attaches and detaches run plugins at once. Default: as many as there are processors, at least 2. */
  readonly concurrency?: number;
}
