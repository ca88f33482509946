import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { outputOf, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

await describeOnHost("a container's life", (test) => {
  test("run, get, list, labels, id, name, io, stop, cleanup, delete: on a network with a published port", async (stage) => {
    const { runtime } = stage.main;
    const web = await runtime.run({
      meta: { name: "web", labels: { tier: "front" } },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", "echo started; exec httpd -f -p 80 -h /www"],
        portMappings: [{ hostPort: 0, containerPort: 80 }],
      },
    });
    expect(web.status).toMatchObject({ phase: "running", ip: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) });
    const port = web.status.ports?.[0]?.hostPort ?? 0;
    const { id } = web.status;
    for (const address of [`127.0.0.1:${port}`, `${web.status.ip ?? ""}:80`]) {
      expect(await ask(`http://${address}/`)).toContain("It runs.");
    }
    expect((await runtime.get("web")).status).toEqual(web.status);
    expect((await runtime.list({ labels: { tier: "front" } })).map((container) => container.status.id)).toEqual([id]);
    expect(await runtime.labels("web")).toEqual({ tier: "front" });
    expect(await runtime.id("web")).toBe(id);
    expect(await runtime.name(id.slice(0, 10))).toBe("web");
    expect(await textOf((await runtime.io("web")).stdout)).toBe("started\n");

    await runtime.stop("web", { timeoutMs: 200 });
    expect(() => process.kill(web.status.pid ?? 0, 0)).toThrow("ESRCH");
    await runtime.cleanup("web");
    expect(await textOf((await runtime.io("web")).stdout)).toBe("");
    await runtime.delete("web");
    expect(await runtime.list()).toEqual([]);
  });

  test("its first instruction has its network already", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "early" },
      config: { image: stage.busybox, args: ["sh", "-c", "ip -4 addr show eth0; ip route; cat /etc/hosts"] },
    });
    const { stdout } = await outputOf(runtime, "early");
    expect(stdout).toContain(`inet ${status.ip ?? "?"}/`);
    expect(stdout).toContain("default via");
    expect(stdout).toContain(`${status.ip ?? "?"}\t${status.id.slice(0, 12)}`);
    await runtime.delete("early");
  });

  test("two containers on one network reach each other", async (stage) => {
    const { runtime } = stage.main;
    const server = await runtime.run({
      meta: { name: "server" },
      config: { image: stage.busybox, args: ["httpd", "-f", "-p", "80", "-h", "/www"] },
    });
    await ask(`http://${server.status.ip ?? ""}/`);
    await runtime.run({
      meta: { name: "client" },
      config: { image: stage.busybox, args: ["wget", "-q", "-O", "-", `http://${server.status.ip ?? ""}/`] },
    });
    expect((await outputOf(runtime, "client")).stdout).toContain("It runs.");
    await runtime.delete("client");
    await runtime.delete("server");
  });

  test("mounts, user, capabilities, environment, resources and a read-only root are as asked for", async (stage) => {
    const { runtime } = stage.main;
    const folder = await mkdtemp(join(tmpdir(), "voiyd-mount-"));
    await runtime.run({
      meta: { name: "shaped" },
      config: {
        image: stage.busybox,
        args: [
          "sh",
          "-c",
          "id; echo $X; grep CapEff /proc/self/status; echo x > /data/x; echo y > /scratch/y && cat /scratch/y; touch /z || echo sealed",
        ],
        user: "1000:2000",
        envvars: [{ name: "X", value: "a b=c" }],
        capabilities: { drop: ["ALL"] },
        mounts: [
          { type: "bind", source: folder, destination: "/data", readOnly: true },
          { type: "tmpfs", destination: "/scratch", size: 65_536 },
        ],
        resources: { memory: 64 * 1024 * 1024, cpus: 0.5, pids: 20 },
        readOnlyRootfs: true,
        network: "none",
      },
    });
    const { stdout } = await outputOf(runtime, "shaped");
    expect(stdout).toContain("uid=1000(app) gid=2000(extra)");
    expect(stdout).toContain("a b=c\n");
    expect(stdout).toContain("CapEff:\t0000000000000000\n");
    expect(stdout).toContain("y\n");
    expect(stdout).toContain("sealed\n");
    await expect(readFile(join(folder, "x"))).rejects.toThrow("ENOENT");
    await runtime.delete("shaped");
    await rm(folder, { recursive: true });
  });

  test("a container that uses more memory than it may is killed, and the status says why", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "greedy" },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", "dd if=/dev/zero of=/dev/null bs=200M count=1"],
        resources: { memory: 16 * 1024 * 1024 },
        network: "none",
      },
    });
    expect(await runtime.wait("greedy")).toMatchObject({ oomKilled: true });
    expect((await runtime.get("greedy")).status).toMatchObject({ phase: "exited", oomKilled: true });
    await runtime.delete("greedy");
  });

  test("a fork bomb ends at the limit of processes", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "bomb" },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 5 & done; wait"],
        resources: { pids: 10 },
        network: "none",
      },
    });
    expect((await outputOf(runtime, "bomb")).stderr).toContain("can't fork");
    await runtime.delete("bomb");
  });

  test("a second runtime, as another process would have it, sees and removes the same containers", async (stage) => {
    const { runtime } = stage.main;
    const first = await runtime.run({
      meta: { name: "shared" },
      config: { image: stage.busybox, args: ["sleep", "1000"] },
    });
    await using other = stage.open();
    expect(await other.runtime.get("shared")).toEqual(first);
    await other.runtime.delete("shared");
    expect(await runtime.list()).toEqual([]);
  });
});

async function ask(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
