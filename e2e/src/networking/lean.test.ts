import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "@jest/globals";
import { execute } from "@voiyd/harness";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { output } from "../cli/voiyd.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stack, Stage } from "../fixture/stage.js";

const WEB = ["httpd", "-f", "-p", "80", "-h", "/www"];
const PATIENCE_MS = 90_000;

async function onLean(stage: Stage, work: (stack: Stack) => Promise<void>): Promise<void> {
  await using stack = stage.open({}, "lean");
  await work(stack);
}

function web(stage: Stage, more: Partial<ContainerConfig> = {}): ContainerConfig {
  return { image: stage.busybox, args: WEB, ...more };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}

/** What a server says, once it listens; in a new network's first seconds the kernel still looks at its IPv6 addresses. */
async function fetchSoon(url: string): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${url} does not answer`, { cause: error });
      await pause(100);
    }
  }
}

async function addressesOf({ network, runtime }: Stack, container: string): Promise<{ four: string; six: string }> {
  const id = `voiyd-${await runtime.id(container)}`;
  const attachment = (await network.list()).find(({ containerId }) => containerId === id);
  const addresses = attachment?.interfaces.flatMap((one) => one.addresses) ?? [];
  const of = (family: 4 | 6): string => addresses.find((one) => one.family === family)?.address ?? "";
  return { four: of(4), six: of(6) };
}

await describeOnHost("lean mode with real containers", (test) => {
  test("a published port answers over both families, without a rule for the container", async (stage) => {
    const { host } = stage;
    await onLean(stage, async (stack) => {
      const { runtime } = stack;
      const port = await freePort();
      await runtime.run({
        meta: { name: "web" },
        config: web(stage, { portMappings: [{ containerPort: 80, hostPort: port }] }),
      });
      expect((await runtime.get("web")).status.ports).toMatchObject([{ hostPort: port }]);
      const { four, six } = await addressesOf(stack, "web");
      const gateway6 = six.replace(/[^:]+$/, "1");
      const bases = [`127.0.0.1:${String(port)}`, `${four}:80`, `[${six}]:80`, `[${gateway6}]:${String(port)}`];
      for (const base of bases) expect(await fetchSoon(`http://${base}/`)).toContain("It runs.");

      const rules = await Promise.all(
        ["iptables-save", "ip6tables-save"].map(async (tool) => (await execute(tool, [])).stdout),
      );
      expect(
        rules
          .join("\n")
          .split("\n")
          .filter((rule) => rule.includes(four) || rule.includes(six)),
      ).toEqual([]);
      const { stdout } = await execute("nft", ["list", "table", "inet", `voiyd-${host.bridge}`]);
      expect([stdout.includes(`${four} . 80`), stdout.includes(`${six} . 80`)]).toEqual([true, true]);

      const rival = {
        meta: { name: "rival" },
        config: web(stage, { portMappings: [{ containerPort: 81, hostPort: port }] }),
      };
      await expect(runtime.run(rival)).rejects.toMatchObject({ code: "PORT_IN_USE" });
      await runtime.delete("web");
    });
  });

  test("reload, and recover by another process, bring back what somebody removed", async (stage) => {
    const table = ["inet", `voiyd-${stage.host.bridge}`];
    await onLean(stage, async ({ runtime, network }) => {
      const port = await freePort();
      await runtime.run({
        meta: { name: "web" },
        config: web(stage, { portMappings: [{ containerPort: 80, hostPort: port }] }),
      });
      const url = `http://127.0.0.1:${String(port)}/`;
      expect(await fetchSoon(url)).toContain("It runs.");
      await execute("nft", ["delete", "table", ...table]);
      await network.reload(`voiyd-${await runtime.id("web")}`);
      expect(await fetchSoon(url)).toContain("It runs.");
      await execute("nft", ["delete", "table", ...table]);
      // A manager in the other mode knows from the record what there was.
      expect(await stage.main.network.recover()).toMatchObject({ undone: [], lost: [], failed: [] });
      expect(await fetchSoon(url)).toContain("It runs.");
      await stage.main.runtime.delete("web");
    });
  });

  test("the command line uses it where the environment says so", async (stage) => {
    process.env["VOIYD_NETWORK_MODE"] = "lean";
    try {
      const port = await freePort();
      await output(stage, "run", "-d", "--name", "web", "-p", `127.0.0.1:${String(port)}:80`, stage.busybox, ...WEB);
      expect(await fetchSoon(`http://127.0.0.1:${String(port)}/`)).toContain("It runs.");
      const { stdout } = await execute("nft", ["list", "table", "inet", `voiyd-${stage.host.bridge}`]);
      expect(stdout).toContain(`tcp . 127.0.0.1 . ${String(port)}`);
      await output(stage, "rm", "-f", "web");
    } finally {
      delete process.env["VOIYD_NETWORK_MODE"];
    }
  });
});
