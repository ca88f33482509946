import { mkdtemp, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ContainerRequest, Runtime } from "@voiyd/runtime-api";
import { outputOf, refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { runToEnd } from "../security/probe.js";

await describeOnHost("containers that share", (test) => {
  test("the network, with its names and name servers", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "owner" },
      config: { image: stage.busybox, args: ["httpd", "-f", "-p", "80", "-h", "/www"], hostname: "owner-host" },
    });
    try {
      const output = await runToEnd(stage, {
        network: "container:owner",
        entrypoint: ["sh", "-c", "hostname; cat /etc/hostname; wget -qO- http://127.0.0.1/"],
      });
      expect(output).toMatch(/^owner-host\nowner-host\n[^]*It runs\./);
    } finally {
      await runtime.delete("owner");
    }
  });

  test("processes and shared memory, where it was made shareable", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "owner" },
      config: {
        image: stage.busybox,
        network: "none",
        namespaces: { ipc: "shareable" },
        shmSize: 1024 * 1024,
        args: ["sh", "-c", "echo hello > /dev/shm/greeting; exec sleep 1000"],
      },
    });
    try {
      const output = await runToEnd(stage, {
        namespaces: { ipc: "container:owner", pid: "container:owner" },
        entrypoint: [
          "sh",
          "-c",
          "until [ -s /dev/shm/greeting ]; do :; done; cat /dev/shm/greeting; ps -o args | grep -c '^sleep 1000'; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2",
        ],
      });
      expect(output).toBe("hello\n1\n1024\n");
    } finally {
      await runtime.delete("owner");
    }
  });

  test("not the shared memory of one that keeps it for itself, nor anything of one that does not run", async (stage) => {
    const { runtime } = stage.main;
    const config = { image: stage.busybox, network: "none" };
    try {
      await runtime.run({ meta: { name: "private" }, config: { ...config, args: ["sleep", "1000"] } });
      await runtime.run({ meta: { name: "over" }, config: { ...config, args: ["true"] } });
      await runtime.wait("over");
      const join = (part: object): Promise<{ code: string }> =>
        refusal(runtime.run({ meta: { name: "second" }, config: { ...config, ...part } }));
      expect((await join({ namespaces: { ipc: "container:private" } })).code).toBe("FAILED_PRECONDITION");
      expect((await join({ namespaces: { pid: "container:over" } })).code).toBe("FAILED_PRECONDITION");
      expect((await join({ network: "container:nobody" })).code).toBe("INVALID_ARGUMENT");
    } finally {
      await Promise.all(["private", "over", "second"].map((name) => runtime.delete(name)));
    }
  });

  test("with the host: processes, IPC, names", async (stage) => {
    const output = await runToEnd(stage, {
      namespaces: { pid: "host", ipc: "host", uts: "host" },
      entrypoint: ["sh", "-c", "for n in pid ipc uts; do readlink /proc/self/ns/$n; done"],
    });
    expect(output.trim().split("\n")).toEqual(
      await Promise.all(["pid", "ipc", "uts"].map((kind) => readlink(`/proc/self/ns/${kind}`))),
    );
  });

  for (const network of ["none", "default"]) {
    test(`a user namespace, with the network ${network}: its files are its own, or it is refused where the snapshotter cannot give them, and leaves nothing`, async (stage) => {
      const { runtime } = stage.main;
      const ids = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
      const asked = {
        meta: { name: "mapped" },
        config: {
          image: stage.busybox,
          network,
          namespaces: { user: { uids: ids, gids: ids } },
          args: ["sh", "-c", "cat /proc/self/uid_map; stat -c %u /www; touch /www/new && stat -c %u /www/new"],
        },
      };
      if ((await daemonMajor(runtime)) < 2) {
        process.stderr.write("skipped in part: a user namespace, because this containerd is older than 2.0; refused\n");
        expect((await refusal(runtime.run(asked))).code).toBe("FAILED_PRECONDITION");
      } else {
        await runtime.run(asked);
        try {
          const { stdout, stderr } = await outputOf(runtime, "mapped");
          expect(stdout.trim().split(/\s+/)).toEqual(["0", "100000", "65536", "0", "0"]);
          expect(stderr).toBe("");
        } finally {
          await runtime.delete("mapped");
        }
      }
      expect(await runtime.list()).toEqual([]);
    });
  }

  test("a user namespace, with volumes: its root writes to new ones, and a volume of other ids is refused", async (stage) => {
    const { runtime } = stage.main;
    if ((await daemonMajor(runtime)) < 2) {
      process.stderr.write("skipped: volumes in a user namespace, because this containerd is older than 2.0\n");
      return;
    }
    const volumeDir = await mkdtemp(join(stage.directory, "mapped-volumes-"));
    const stack = stage.open({ volumeDir });
    const ask = (hostId: number, readOnly = false): ContainerRequest => {
      const ids = [{ containerId: 0, hostId, size: 65_536 }];
      return {
        meta: { name: "mapped" },
        config: {
          image: stage.busybox,
          network: "none",
          namespaces: { user: { uids: ids, gids: ids } },
          mounts: [
            { type: "volume", name: "pages", destination: "/www", readOnly },
            { type: "volume", destination: "/home/app" },
            { type: "volume", destination: "/fresh" },
          ],
          args: [
            "sh",
            "-c",
            `stat -c %u /www /www/index.html /home/app /fresh; ${readOnly ? "true" : "touch /www/x"} && touch /home/app/x /fresh/x && echo written`,
          ],
        },
      };
    };
    const outcome = async (request: ContainerRequest): Promise<string> => {
      await stack.runtime.run(request);
      try {
        return (await outputOf(stack.runtime, "mapped")).stdout;
      } finally {
        await stack.runtime.delete("mapped");
      }
    };
    try {
      expect(await outcome(ask(100_000))).toBe("0\n0\n1000\n0\nwritten\n");
      expect((await stat(join(volumeDir, "pages/data/x"))).uid).toBe(100_000);
      expect((await refusal(stack.runtime.run(ask(300_000)))).code).toBe("FAILED_PRECONDITION");
      expect(await outcome(ask(300_000, true))).toMatch(/written\n$/);
    } finally {
      await stack[Symbol.asyncDispose]();
    }
  });
});

/** Snapshotters give files to other ids since containerd 2.0. */
async function daemonMajor(runtime: Runtime): Promise<number> {
  return Number(/\/v?(\d+)\./.exec(await runtime.version())?.[1]);
}

await describeOnHost("how a container finds names", (test) => {
  test("hosts, name servers and the domain are as asked for, and the container's own address is known", async (stage) => {
    const { runtime } = stage.main;
    const container = await runtime.run({
      meta: { name: "names" },
      config: {
        image: stage.busybox,
        hostname: "web",
        domainname: "example.org",
        dns: { servers: ["9.9.9.9"], search: ["example.org"], options: ["ndots:2"] },
        extraHosts: [
          { name: "db", address: "10.1.2.3" },
          { name: "host.internal", address: "host-gateway" },
        ],
        args: ["sh", "-c", "cat /etc/hosts; echo ---; cat /etc/resolv.conf"],
      },
    });
    try {
      await runtime.wait("names");
      const [hosts = "", servers = ""] = (await textOf((await runtime.io("names")).stdout)).split("---\n");
      expect(hosts).toContain("10.1.2.3\tdb\n");
      expect(hosts).toMatch(/^\d+\.\d+\.\d+\.\d+\thost\.internal$/m);
      expect(hosts).toContain(`${container.status.ip ?? "no address"}\tweb.example.org web names\n`);
      expect(servers).toContain("nameserver 9.9.9.9\n");
      expect(servers).toContain("search example.org\noptions ndots:2\n");
      expect(servers.match(/^nameserver/gm)).toHaveLength(1);
    } finally {
      await runtime.delete("names");
    }
  });
});
