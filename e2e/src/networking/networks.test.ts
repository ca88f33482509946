import { setTimeout as pause } from "node:timers/promises";
import { expect } from "@jest/globals";
import { execute } from "@voiyd/harness";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { output, voiyd } from "../cli/voiyd.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const FOREVER = ["sleep", "100000"];
/** Says who looks at it when it is asked over HTTP. */
const WEB = ["httpd", "-f", "-p", "80", "-h", "/www"];
const PATIENCE_MS = 90_000;

async function created(stage: Stage, name: string): Promise<{ subnet: string; address: (host: number) => string }> {
  const { ranges } = await stage.main.network.createNetwork({ name });
  const subnet = ranges[0]?.subnet ?? "";
  return { subnet, address: (host) => subnet.replace(/\.\d+\/\d+$/, `.${String(host)}`) };
}

async function run(stage: Stage, name: string, config: Partial<ContainerConfig>): Promise<void> {
  await stage.main.runtime.run({ meta: { name }, config: { image: stage.busybox, args: FOREVER, ...config } });
}

/** Runs a command of the container's in its namespaces. */
async function inside(stage: Stage, container: string, ...command: readonly string[]): Promise<string> {
  const { pid = 0 } = (await stage.main.runtime.get(container)).status;
  const namespaces = ["--mount", "--net", "--uts", "--root", "--wd"];
  return (await execute("nsenter", ["--target", String(pid), ...namespaces, "--", ...command])).stdout;
}

/** The same until it succeeds: a server takes its time to listen. */
async function insideSoon(stage: Stage, container: string, ...command: readonly string[]): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return await inside(stage, container, ...command);
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause(100);
    }
  }
}

await describeOnHost("networks with real containers", (test) => {
  test("containers on one network reach each other by name, host name and alias; others do not", async (stage) => {
    const { runtime, network } = stage.main;
    await created(stage, "front");
    await created(stage, "back");
    await run(stage, "web", { networks: [{ name: "front", aliases: ["www"] }], hostname: "web-host", args: WEB });
    await run(stage, "client", { network: "front" });
    await run(stage, "stranger", { network: "back" });
    for (const name of ["web", "web-host", "www", "web.front"]) {
      expect(await insideSoon(stage, "client", "wget", "-qO-", `http://${name}/`)).toContain("It runs.");
    }
    await expect(inside(stage, "stranger", "wget", "-qO-", "-T", "2", "http://web/")).rejects.toThrow();

    await network.connect(`voiyd-${await runtime.id("stranger")}`, { name: "front", aliases: ["guest"] });
    expect(await insideSoon(stage, "stranger", "wget", "-qO-", "http://www/")).toContain("It runs.");
    expect(await inside(stage, "client", "cat", "/etc/hosts")).toContain("guest.front");
    await network.disconnect(`voiyd-${await runtime.id("stranger")}`, "front");
    expect(await inside(stage, "client", "cat", "/etc/hosts")).not.toContain("guest");

    await runtime.delete("web");
    expect(await inside(stage, "client", "cat", "/etc/hosts")).not.toContain("web");
    await Promise.all(["client", "stranger"].map((name) => runtime.delete(name)));
    await Promise.all(["front", "back"].map((name) => network.removeNetwork(name)));
  });

  test("a container has several networks, with the addresses and names that it asked for", async (stage) => {
    const { runtime, network } = stage.main;
    const [front, back] = [await created(stage, "front"), await created(stage, "back")];
    await run(stage, "both", {
      networks: [
        { name: "front", ips: [front.address(9)], mac: "02:42:ac:11:00:09" },
        { name: "back", ifName: "lan0", ips: [back.address(10)] },
      ],
    });
    const { status, config } = await runtime.get("both");
    expect(status.ip).toBe(front.address(9));
    expect(config.networks).toHaveLength(2);
    const links = await inside(stage, "both", "ip", "addr");
    expect(links).toContain(`inet ${front.address(9)}/24`);
    expect(links).toContain("02:42:ac:11:00:09");
    expect(links).toMatch(new RegExp(`inet ${back.address(10).replaceAll(".", "\\.")}/24.* lan0`));
    expect(await inside(stage, "both", "ip", "route")).toContain(`default via ${front.address(1)} dev eth0`);
    await runtime.delete("both");
    await Promise.all(["front", "back"].map((name) => network.removeNetwork(name)));
  });

  test("a container's own hosts file has its name, what was asked for and the way to the host, in place", async (stage) => {
    const { runtime } = stage.main;
    await run(stage, "named", {
      hostname: "box",
      domainname: "example.org",
      extraHosts: [
        { name: "db", address: "10.9.9.9" },
        { name: "up", address: "host-gateway" },
      ],
    });
    const { ip = "" } = (await runtime.get("named")).status;
    const hosts = await inside(stage, "named", "cat", "/etc/hosts");
    expect(hosts).toContain(`\n${ip}\tbox.example.org box named\n`);
    expect(hosts).toContain("\n10.9.9.9\tdb\n");
    expect(hosts).toContain(`\n${stage.host.subnet.replace(/\.\d+\/\d+$/, ".1")}\tup\n`);
    expect((await inside(stage, "named", "hostname", "-f")).trim()).toBe("box.example.org");
    await runtime.delete("named");
  });

  test("the command line makes, shows, uses and removes networks", async (stage) => {
    await output(stage, "network", "create", "--label", "team=shop", "front");
    await output(stage, "network", "create", "back");
    const infos: unknown = JSON.parse(await output(stage, "network", "inspect", "front"));
    expect(infos).toMatchObject([{ name: "front", labels: { team: "shop" }, containers: [] }]);
    const subnet = /"subnet": "([\d.]+)\.0\/24"/.exec(await output(stage, "network", "inspect", "front"))?.[1] ?? "";
    await output(
      stage,
      ...["run", "-d", "--name", "web", "--network", "front", "--network", "back"],
      ...["--ip", `${subnet}.77`, "--mac-address", "02:42:ac:11:00:4d", "--network-alias", "www"],
      ...[stage.busybox, ...WEB],
    );
    await output(stage, "run", "-d", "--name", "client", stage.busybox, ...FOREVER);
    await output(stage, "network", "connect", "--alias", "me", "front", "client");
    expect(await insideSoon(stage, "client", "wget", "-qO-", "http://www/")).toContain("It runs.");
    expect(await inside(stage, "web", "cat", "/etc/hosts")).toContain("me.front");
    const links = await inside(stage, "web", "ip", "addr");
    expect([links.includes(`inet ${subnet}.77/24`), links.includes("02:42:ac:11:00:4d")]).toEqual([true, true]);
    expect(links).toContain("eth1");
    expect(await output(stage, "network", "inspect", "front")).toContain(`"address": "${subnet}.77"`);

    expect((await voiyd(stage, "network", "rm", "front")).code).toBe(1);
    await output(stage, "network", "disconnect", "front", "client");
    expect(await inside(stage, "client", "ls", "/sys/class/net")).not.toContain("eth1");
    await output(stage, "rm", "-f", "web", "client");
    expect(await output(stage, "network", "rm", "front")).toBe("front\n");
    expect(await output(stage, "network", "prune")).toBe("back\n");
    expect(await output(stage, "network", "ls", "-q")).not.toMatch(/^(?:front|back)$/m);
  });

  test("a fixed address that is taken, and a network that is not there, are told before anything is left", async (stage) => {
    const { runtime, network } = stage.main;
    const front = await created(stage, "front");
    const networks = [{ name: "front", ips: [front.address(9)] }];
    await run(stage, "first", { networks });
    await expect(run(stage, "second", { networks })).rejects.toMatchObject({ code: "NETWORK_SETUP_FAILED" });
    await expect(run(stage, "third", { networks: [{ name: "nowhere" }] })).rejects.toMatchObject({
      code: "NETWORK_NOT_FOUND",
    });
    expect((await runtime.list()).map(({ meta }) => meta.name)).toEqual(["first"]);
    await runtime.delete("first");
    await network.removeNetwork("front");
  });
});
