import { access } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateHost } from "../host/private-host.js";
import { busyboxImage } from "../image/busybox-image.js";
import { packLayout } from "../image/pack-layout.js";
import { listLinks } from "../links/list-links.js";
import { listMounts } from "../mounts/mount-info.js";
import { readRules } from "../netfilter/read-rules.js";
import { listProcesses } from "../process/process-table.js";
import { processesOf } from "../teardown/remove-processes.js";

const REFERENCE = "example.org/busybox:1";

/** Gives the host the busybox image, with `ctr`; resolves with its reference. */
export async function importBusybox(host: Pick<PrivateHost, "directory" | "ctr">): Promise<string> {
  const image = await busyboxImage(join(host.directory, "image"), { reference: REFERENCE });
  await packLayout(image.directory, join(host.directory, "image.tar"));
  await host.ctr("images", "import", join(host.directory, "image.tar"));
  return REFERENCE;
}

/** Has the daemon's garbage collected, and waits for it: a synchronous removal does that. Needs the busybox image. */
export async function collectGarbage(host: Pick<PrivateHost, "ctr">): Promise<void> {
  await host.ctr("images", "tag", REFERENCE, "example.org/collect:1");
  await host.ctr("images", "remove", "--sync", "example.org/collect:1");
}

/** Starts a container that sleeps, with `ctr`. */
export async function runContainer(host: Pick<PrivateHost, "directory" | "ctr">, id: string): Promise<void> {
  await host.ctr("run", "--detach", await importBusybox(host), id, "sleep", "1000");
}

/** What there is of a host on this machine: processes, mounts, its bridge, rules that name it, its folder. */
export async function tracesOf({ directory, bridge }: Pick<PrivateHost, "directory" | "bridge">): Promise<string[]> {
  const [mounts, links, rules] = await Promise.all([listMounts(), listLinks(), readRules()]);
  const folder = await access(directory).then(
    () => [directory],
    () => [],
  );
  return [
    ...processesOf(directory, listProcesses()).map(({ commandLine }) => commandLine.join(" ")),
    ...mounts.map(({ mountPoint }) => mountPoint).filter((point) => point.startsWith(directory)),
    ...links.map(({ name }) => name).filter((name) => name === bridge),
    ...rules
      .flatMap(({ tables }) => tables.flatMap((table) => table.rules.map((rule) => rule.text)))
      .filter((text) => text.includes(bridge)),
    ...folder,
  ];
}
