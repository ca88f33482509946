import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "@jest/globals";
import { execute, findProgram } from "@voiyd/harness";
import { describeOnHost } from "../fixture/on-host.js";

const PATIENCE_MS = 30_000;
const WEB = ["httpd", "-f", "-p", "80", "-h", "/www"];

/** Every rule and lease of the host in which an address stands; the test's own network namespace has no others. */
async function mentions(address: string): Promise<readonly string[]> {
  const hasNft = (await findProgram("nft")) !== undefined;
  const looks = [["iptables-save"], ["ip", "route"], ["ip", "neigh"], ...(hasNft ? [["nft", "list", "ruleset"]] : [])];
  const outputs = await Promise.all(
    looks.map(async ([program = "", ...args]) => (await execute(program, args)).stdout),
  );
  const whole = new RegExp(`(?<![\\d.])${address.replaceAll(".", "\\.")}(?![\\d.])`);
  // Whom the kernel has spoken to is no rule: it is forgotten by itself, and says that nobody answers any more.
  return outputs
    .flatMap((text) => text.split("\n"))
    .filter((line) => whole.test(line) && !/FAILED|STALE|lladdr/.test(line));
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}

async function until(what: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(100)) if (await what()) return true;
  return false;
}

await describeOnHost("an address that another container had", (test) => {
  test("S24: no rule names it when its container is gone, and who has it next gets nothing that was for the first", async (stage) => {
    const { runtime, network } = stage.main;
    const { ranges } = await network.createNetwork({ name: "front" });
    const address = (ranges[0]?.subnet ?? "").replace(/\.\d+\/\d+$/, ".77");
    const networks = [{ name: "front", ips: [address] }];
    try {
      const first = await runtime.run({
        meta: { name: "first" },
        config: { image: stage.busybox, networks, args: WEB, portMappings: [{ containerPort: 80, hostPort: 0 }] },
      });
      const port = first.status.ports?.[0]?.hostPort ?? 0;
      expect(first.status.ip).toBe(address);
      expect(await until(() => answers("127.0.0.1", port))).toBe(true);
      // The test can see what it looks for.
      expect(await mentions(address)).not.toEqual([]);
      await runtime.delete("first");
      expect(await mentions(address)).toEqual([]);

      const second = await runtime.run({
        meta: { name: "second" },
        config: { image: stage.busybox, networks, args: WEB },
      });
      expect(second.status.ip).toBe(address);
      expect(await until(() => answers(address, 80))).toBe(true);
      expect(await answers("127.0.0.1", port)).toBe(false);
    } finally {
      await Promise.all(["first", "second"].map((name) => runtime.delete(name)));
      await network.removeNetwork("front");
    }
  });

  test("S16: what comes into a container's network takes no router's advertisements", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "quiet" },
      config: { image: stage.busybox, args: ["sleep", "1000"] },
    });
    try {
      const script =
        "for which in all default eth0; do cat /proc/sys/net/ipv6/conf/$which/accept_ra 2>/dev/null || echo none; done";
      const { stdout } = await execute("nsenter", [
        "--target",
        String(status.pid ?? 0),
        "--net",
        "--",
        "sh",
        "-c",
        script,
      ]);
      expect(["0\n0\n0\n", "none\nnone\nnone\n"]).toContain(stdout);
    } finally {
      await runtime.delete("quiet");
    }
  });
});
