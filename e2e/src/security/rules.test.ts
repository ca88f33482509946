import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { busyboxMount, publishLayers } from "../fixture/bare-image.js";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { runToEnd } from "./probe.js";

/** Labels that make containerd, or a tool over it, do something. */
const HOSTILE_LABELS = {
  "containerd.io/restart.status": "running",
  "containerd.io/restart.loguri": "binary:///bin/touch?/tmp/voiyd-hostile-canary",
  "containerd.io/gc.root": "2030-01-01T00:00:00Z",
  "io.cri-containerd.kind": "container",
  "nerdctl/name": "other",
  "voiyd.io/phase": "deleting",
};

/** Runs a container that stays, hands its id to `look`, and deletes it. */
async function withContainer<T>(stage: Stage, image: string, look: (id: string) => Promise<T>): Promise<T> {
  const { runtime } = stage.main;
  const { status } = await runtime.run({
    meta: { name: "watched" },
    config: { image, network: "none", entrypoint: ["sleep", "1000"] },
  });
  try {
    return await look(status.id);
  } finally {
    await runtime.delete(status.id);
  }
}

/** Every file and folder below a folder, without following links. */
async function walk(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const below = await Promise.all(
    entries.map((entry) => (entry.isDirectory() ? walk(join(directory, entry.name)) : Promise.resolve([]))),
  );
  return [...entries.map((entry) => join(directory, entry.name)), ...below.flat()];
}

await describeOnHost("what attacks of the past ask for", (test) => {
  test(
    "S1: an image's labels never become containerd's, and a caller's may not have its prefixes",
    async (stage) => {
      const image = await stage.publishBusybox("test/rule-1", { config: { labels: HOSTILE_LABELS } });
      await stage.main.runtime.pullImage(image);
      const labels = await withContainer(stage, image, async (id) => {
        const { container } = await stage.main.client.containers.get({ id });
        return container?.labels ?? {};
      });
      const own = Object.keys(labels).filter((key) => key in HOSTILE_LABELS);
      expect(own).toEqual(["voiyd.io/phase"]);
      expect(labels["voiyd.io/phase"]).toBe("running");
      for (const [key, value] of Object.entries(HOSTILE_LABELS)) {
        const refused = stage.main.runtime.run({ meta: { name: "x", labels: { [key]: value } }, config: { image } });
        expect(await refusal(refused)).toMatchObject({ code: "INVALID_ARGUMENT" });
      }
      await stage.main.runtime.removeImage(image);
    },
    { keepsImages: true },
  );

  test(
    "S8: what is copied into a volume is the image's, wherever its links lead",
    async (stage) => {
      const files = {
        etc: { directory: true },
        "etc/canary": "the image's",
        "link-to-etc": { symlink: "../../../../../../../../../../etc" },
        data: { directory: true },
        "data/link": { symlink: "/etc/shadow" },
      } as const;
      const image = await publishLayers(stage, "test/rule-8", [{ files }]);
      await stage.main.runtime.pullImage(image);
      const volumes = ["/link-to-etc", "/data"].map((destination) => ({ type: "volume", destination }) as const);
      const text = await runToEnd(stage, {
        image,
        mounts: [...volumes, await busyboxMount()],
        entrypoint: ["/busybox", "sh", "-c", "/busybox ls -A /link-to-etc; /busybox readlink /data/link"],
      });
      expect(text).toContain("canary");
      expect(text).toContain("/etc/shadow\n");
      // What is on every host, and not in this image.
      for (const name of ["fstab", "passwd", "machine-id", "usr", "boot"]) expect(text.split("\n")).not.toContain(name);
      await stage.main.runtime.removeImage(image);
    },
    { keepsImages: true },
  );

  test(
    "S10: an image's volumes and working directory are words about the container",
    async (stage) => {
      const image = await stage.publishBusybox("test/rule-10", {
        config: { volumes: ["/made/volume"], workdir: "/made/for/voiyd-rule-10" },
      });
      await stage.main.runtime.pullImage(image);
      const text = await runToEnd(stage, { image, entrypoint: ["sh", "-c", "pwd; ls -d /made/volume"] });
      expect(text).toBe("/made/for/voiyd-rule-10\n/made/volume\n");
      expect(await readdir("/")).not.toContain("made");
      await stage.main.runtime.removeImage(image);

      const hostile = await stage.publishBusybox("test/rule-10-hostile", { config: { volumes: ["/x/../../etc"] } });
      await stage.main.runtime.pullImage(hostile);
      const refused = stage.main.runtime.run({ meta: { name: "x" }, config: { image: hostile, args: ["true"] } });
      expect(await refusal(refused)).toMatchObject({ code: "IMAGE_INVALID" });
      await stage.main.runtime.removeImage(hostile);
    },
    { keepsImages: true },
  );

  test("S11: ids do not wrap around, the primary group is among the groups, and nothing is inherited", async (stage) => {
    for (const user of ["2147483648", "4294967296", "-1", "00", "0:4294967296"]) {
      const refused = stage.main.runtime.run({ meta: { name: "x" }, config: { image: stage.busybox, user } });
      expect(await refusal(refused)).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    const text = await runToEnd(stage, {
      user: "2147483647:7",
      entrypoint: ["sh", "-c", "grep -E '^(Uid|Groups|CapInh):' /proc/self/status | tr -s '\\t ' ' '"],
    });
    expect(text.replaceAll(/ +\n/g, "\n")).toBe(
      "Uid: 2147483647 2147483647 2147483647 2147483647\nGroups: 7\nCapInh: 0000000000000000\n",
    );
  });

  test("S12: a name that leads elsewhere is refused before anything is made of it", async (stage) => {
    for (const name of ["../up", "a/b", "/etc", "..", ".", "", "-rf", "a\0b", "a\nb"]) {
      const refused = stage.main.runtime.run({ meta: { name }, config: { image: stage.busybox } });
      expect(await refusal(refused)).toMatchObject({ code: "INVALID_ARGUMENT" });
      const volume = stage.main.runtime.run({
        meta: { name: "x" },
        config: { image: stage.busybox, mounts: [{ type: "volume", name, destination: "/data" }] },
      });
      expect(await refusal(volume)).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("S14: nobody but root can look into what a container needs of the host", async (stage) => {
    await withContainer(stage, stage.busybox, async () => {
      const logs = stage.host.logDirFmt.slice(0, stage.host.logDirFmt.indexOf("%s"));
      for (const root of [stage.host.stateDir, logs]) {
        const reachable: string[] = [];
        const closed = new Set<string>();
        for (const path of await walk(root)) {
          const { mode } = await stat(path).catch(() => ({ mode: 0 }));
          if ([...closed].some((folder) => path.startsWith(`${folder}/`))) continue;
          const isFolder = (mode & 0o170000) === 0o040000;
          if (isFolder && (mode & 0o001) === 0) closed.add(path);
          else if ((mode & 0o006) !== 0 || (mode & 0o022) !== 0) reachable.push(`${path} ${mode.toString(8)}`);
        }
        expect(reachable).toEqual([]);
      }
    });
  });

  test("S15: words reach a program as they are, and a NUL reaches nobody", async (stage) => {
    const text = await runToEnd(stage, {
      entrypoint: ["sh", "-c", 'printf "%s|" "$A" "$@"', "--"],
      args: ["-x", "--", "; touch /x", "two\nlines", "$(id)", ""],
      envvars: [{ name: "A", value: "one\ntwo; $(id)" }],
    });
    expect(text).toBe("one\ntwo; $(id)|-x|--|; touch /x|two\nlines|$(id)||");
    for (const config of [{ args: ["a\0b"] }, { envvars: [{ name: "A", value: "a\0b" }] }, { workingDir: "/a\0b" }]) {
      const refused = stage.main.runtime.run({ meta: { name: "x" }, config: { image: stage.busybox, ...config } });
      expect(await refusal(refused)).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("S18: keys of prototypes are keys like others, in labels, annotations and the environment", async (stage) => {
    const keys = Object.fromEntries([
      ["__proto__", "polluted"],
      ["constructor", "x"],
    ]);
    const { runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "prototype", labels: keys },
      config: { image: stage.busybox, network: "none", annotations: keys, entrypoint: ["sleep", "1000"] },
    });
    const { meta, config } = await runtime.get(status.id).finally(() => runtime.delete(status.id));
    expect(Object.entries(meta.labels).sort()).toEqual(Object.entries(keys).sort());
    expect(Object.entries(config.annotations ?? {}).sort()).toEqual(Object.entries(keys).sort());
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("polluted");
    const envvars = Object.entries(keys).map(([name, value]) => ({ name, value }));
    expect((await runToEnd(stage, { envvars, entrypoint: ["env"] })).split("\n")).toContain("__proto__=polluted");
  });

  test(
    "S21: an image's stop signal is a signal or nothing",
    async (stage) => {
      const image = await stage.publishBusybox("test/rule-21", {
        config: { stopSignal: "; touch /tmp/voiyd-hostile" },
      });
      const { runtime } = stage.main;
      await runtime.pullImage(image);
      await runtime.run({
        meta: { name: "signal" },
        config: { image, network: "none", entrypoint: ["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"] },
      });
      const outcome = await refusal(runtime.stop("signal", { timeoutMs: 60_000 })).catch(() => ({ code: "stopped" }));
      expect(["stopped", "IMAGE_INVALID", "INVALID_ARGUMENT"]).toContain(outcome.code);
      await runtime.delete("signal");
      expect((await readdir("/tmp")).filter((name) => name.includes("voiyd-hostile"))).toEqual([]);
      await runtime.removeImage(image);
    },
    { keepsImages: true },
  );

  test("S23: a working directory among the runtime's open files leads to nothing of the host", async (stage) => {
    for (const number of [6, 7, 8, 9]) {
      const outcome = await runToEnd(stage, {
        workingDir: `/proc/self/fd/${String(number)}`,
        entrypoint: ["sh", "-c", "cat ../../etc/shadow ../../../etc/shadow ../../../../etc/shadow 2>&1; exit 0"],
      }).catch((error: unknown) => String(error));
      const accounts = (await readFile("/etc/shadow", "utf8")).split("\n").filter((line) => line.length > 8);
      for (const account of accounts) expect(outcome).not.toContain(account);
    }
  });

  test("S26: the number of processes is limited, and the container goes before the runtime when memory is short", async (stage) => {
    await withContainer(stage, stage.busybox, async (id) => {
      const { container } = await stage.main.client.containers.get({ id });
      const spec: unknown = JSON.parse(Buffer.from(container?.spec?.value ?? []).toString("utf8"));
      expect(spec).toMatchObject({ linux: { resources: { pids: { limit: 2048 } } } });
      const { status } = await stage.main.runtime.get(id);
      const score = Number(await readFile(`/proc/${String(status.pid)}/oom_score_adj`, "utf8"));
      expect(score).toBeGreaterThanOrEqual(Number(await readFile("/proc/self/oom_score_adj", "utf8")));
    });
  });
});
