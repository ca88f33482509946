import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { settledDifference, takeInventory } from "@voiyd/harness";
import { generateId } from "@voiyd/runtime-api";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { sleeper } from "./sleeper.js";

const run = promisify(execFile);

/** The short form of it. For a longer one: VOIYD_KILLS=200. */
const DAEMON_KILLS = Math.ceil(Number(process.env["VOIYD_KILLS"] ?? "20") / 4);
/** A run takes about so long; later kills find it done. */
const RUN_MS = 160;

await describeOnHost("what containerd keeps, and what it forgets", (test) => {
  test("F1: a record is never deleted while its task runs, so no task is orphaned", async (stage) => {
    const { runtime, client } = stage.main;
    const { status } = await runtime.run(sleeper(stage, "f1"));
    await runtime.delete("f1");
    const { tasks } = await client.tasks.list({});
    expect(tasks.map((task) => task.id)).not.toContain(status.id);
    expect(() => process.kill(status.pid ?? 0, 0)).toThrow("ESRCH");
  });

  test("F2: a task whose record somebody deleted is removed by its id", async (stage) => {
    const { runtime, client } = stage.main;
    const { status } = await runtime.run(sleeper(stage, "f2"));
    await client.containers.delete({ id: status.id });
    await runtime.delete(status.id);
    // Its name went with its record; the name's reservation is found by the name.
    await runtime.delete("f2");
    await runtime.run(sleeper(stage, "f2"));
    await runtime.delete("f2");
  });

  test("F3: the record is written before anything that it has to protect", async (stage) => {
    const { runtime, client } = stage.main;
    const topics: string[] = [];
    const enough = new AbortController();
    const listening = (async () => {
      for await (const { topic } of client.events.subscribe({ filters: [] }, { signal: enough.signal })) {
        topics.push(topic);
        if (topic === "/tasks/start") return;
      }
    })();
    // Nothing says when a subscription is in force, so events are made until one of them comes.
    for (let left = 100; topics.length === 0 && left > 0; left--) {
      await client.leases.create({ id: "f3" });
      await client.leases.delete({ id: "f3" });
      await client.containers.create({ container: { id: "f3", runtime: { name: "none" }, spec: { typeUrl: "x" } } });
      await client.containers.delete({ id: "f3" });
      await sleep(20);
    }
    topics.length = 0;
    await runtime.run(sleeper(stage, "f3"));
    await listening;
    enough.abort();
    const order = ["/containers/create", "/snapshot/prepare", "/tasks/create", "/tasks/start"];
    expect(topics.filter((topic) => order.includes(topic))).toEqual(order);
    await runtime.delete("f3");
  });

  test("F3, F4: nothing is left to a lease or to the collector: what is removed is gone when the call resolves", async (stage) => {
    const { runtime, client } = stage.main;
    const reference = await stage.publish("test/f4", { layers: [{ files: { only: `here ${generateId()}` } }] });
    const { digest } = await runtime.pullImage(reference);
    expect((await client.leases.list({})).leases).toEqual([]);
    await runtime.removeImage(reference);
    await expect(client.content.info({ digest })).rejects.toMatchObject({ code: "not_found" });

    await runtime.run(sleeper(stage, "f4"));
    const during = await client.leases.list({});
    expect(during.leases.map(({ id }) => id)).toEqual(["voiyd/name/f4"]);
    await runtime.delete("f4");
    expect((await client.leases.list({})).leases).toEqual([]);
  });

  test(
    `F5, F6: a daemon that is killed while a container is run leaves nothing after the delete (${DAEMON_KILLS} times)`,
    async (stage) => {
      const { runtime } = stage.main;
      const before = await takeInventory(stage.host);
      for (let round = 0; round < DAEMON_KILLS; round++) {
        const run = runtime.run(sleeper(stage, "f5")).then(
          () => undefined,
          (error: unknown) => error,
        );
        // Spread over the whole of it, and at random within each part.
        const moment = ((round + Math.random()) * RUN_MS) / DAEMON_KILLS;
        await sleep(moment);
        await stage.host.restart("kill");
        await run;
        await stage.main.client.waitUntilReady();
        await runtime.delete("f5");
        // A shim that has been told to go takes a moment.
        const left = await settledDifference(stage.host, before);
        expect({ round, moment, left }).toEqual({ round, moment, left: [] });
      }
    },
    { timeoutMs: 60_000 + DAEMON_KILLS * 20_000 },
  );

  test("F13: a stop that comes too late, and a second one, are no errors", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({ meta: { name: "f13" }, config: { image: stage.busybox, args: ["true"], network: "none" } });
    await runtime.wait("f13");
    await runtime.stop("f13");
    await runtime.stop("f13");
    await runtime.kill("f13");
    expect((await runtime.get("f13")).status).toMatchObject({ phase: "exited", exitCode: 0 });
    await runtime.delete("f13");
  });

  test("F14: an id that a task without a root file system has spoilt is told, and does not keep the name", async (stage) => {
    const { host, main } = stage;
    const { runtime, client } = main;
    const { status } = await runtime.create(sleeper(stage, "f14"));
    const create = (): Promise<unknown> => client.tasks.create({ containerId: status.id, rootfs: [] });
    await expect(create()).rejects.toThrow();
    // That is what is wrong with it, from then on.
    await expect(create()).rejects.toThrow("file exists");
    expect((await refusal(runtime.start("f14"))).code).toBe("ALREADY_EXISTS");
    await runtime.delete("f14");
    await runtime.run(sleeper(stage, "f14"));
    await runtime.delete("f14");
    // What the daemon itself never removes again. No call of ours makes such a task.
    for (const folder of [host.state, host.root]) {
      await rm(join(folder, "io.containerd.runtime.v2.task/voiyd", status.id), { recursive: true });
    }
  });

  test(
    "F17: a list of more than a message can hold arrives whole",
    async (stage) => {
      const { client, runtime } = stage.main;
      const padding = "x".repeat(20_000);
      const ids = Array.from({ length: 900 }, (_, index) => `f17-${index}`);
      const spec = {
        typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Spec",
        value: new TextEncoder().encode(`{"x":"${padding}"}`),
      };
      for (let start = 0; start < ids.length; start += 50) {
        await Promise.all(
          ids.slice(start, start + 50).map((id) =>
            client.containers.create({
              container: { id, labels: { "voiyd.io/name": id }, runtime: { name: "io.containerd.runc.v2" }, spec },
            }),
          ),
        );
      }
      expect(await runtime.list()).toHaveLength(ids.length);
      await Promise.all(ids.map((id) => client.containers.delete({ id })));
    },
    { timeoutMs: 300_000 },
  );

  test("F18: a network whose namespace is gone is taken down whole: rules, ports and address", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "f18" },
      config: {
        image: stage.busybox,
        args: ["sleep", "1000"],
        portMappings: [{ hostPort: 0, containerPort: 80 }],
      },
    });
    const pinned = stage.main.network.namespacePath(`voiyd-${status.id}`);
    process.kill(status.pid ?? 0, "SIGKILL");
    await runtime.wait("f18");
    await run("umount", [pinned]);
    await rm(pinned);
    await runtime.delete("f18");
  });
});
