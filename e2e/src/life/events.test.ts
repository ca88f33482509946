import { expect } from "@jest/globals";
import type { ContainerEvent } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { withoutBox } from "./box.js";
import { churn } from "./churn.js";
import { Observer } from "./observer.js";
import { SocketProxy } from "../faults/tools/socket-proxy.js";

/** The long form is `VOIYD_INTERRUPTIONS=30 VOIYD_INTERRUPTION_SECONDS=60`. */
const INTERRUPTIONS = Number(process.env["VOIYD_INTERRUPTIONS"] ?? 4);
const LONGEST_MS = Number(process.env["VOIYD_INTERRUPTION_SECONDS"] ?? 2) * 1000;
const SHORTEST_MS = Math.min(1_000, LONGEST_MS / 2);

await describeOnHost("events", (hostTest) => {
  const test = withoutBox(hostTest);

  test("every change that a caller can make is told once, in order, with what it is about", async (stage) => {
    const { runtime } = stage.main;
    const events = await listening(stage);
    const { status } = await runtime.create(request(stage, ["sleep", "1000"]));
    await runtime.start("box");
    await runtime.pause("box");
    await runtime.resume("box");
    const exec = await runtime.exec("box", { args: ["sh", "-c", "exit 3"] });
    await exec.exited;
    await runtime.update("box", { labels: { n: "1" } });
    await runtime.rename("box", "crate");
    await runtime.restart("crate", { timeoutMs: 0 });
    await runtime.kill("crate");
    await runtime.delete("crate");
    const seen = await events("destroy");
    expect(seen.map(describe)).toEqual([
      "create box",
      "start box",
      "pause box",
      "unpause box",
      "exec_create box",
      "exec_start box",
      "exec_die box 3",
      "update box",
      "rename crate",
      "die crate 137",
      "start crate",
      "die crate 137",
      "destroy crate",
    ]);
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([status.id]));
    expect(seen.filter(({ synthetic }) => synthetic).map(describe)).toEqual([]);
    expect(seen.find(({ action }) => action === "rename")?.oldName).toBe("box");
    expect(seen.at(-1)?.labels).toEqual({ n: "1" });
  });

  test("a process that wants too much memory is told as oom", async (stage) => {
    const { runtime } = stage.main;
    const events = await listening(stage);
    const eater = ["sh", "-c", "x=a; while :; do x=$x$x$x$x; done"];
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: eater, network: "none", resources: { memory: 16 * 1024 * 1024 } },
    });
    await runtime.wait("box");
    await runtime.delete("box");
    const actions = (await events("destroy")).map(({ action }) => action);
    expect(actions.filter((action) => action !== "oom")).toEqual(["create", "start", "die", "destroy"]);
    expect(actions).toContain("oom");
  });

  test("what happened before is told from the records, as synthetic", async (stage) => {
    const { runtime } = stage.main;
    const since = new Date();
    await runtime.run(request(stage, ["sh", "-c", "exit 4"]));
    await runtime.wait("box");
    const past: ContainerEvent[] = [];
    for await (const event of runtime.events({ since, until: new Date(Date.now() + 1) })) past.push(event);
    expect(past.map(describe)).toEqual(["create box", "start box", "die box 4"]);
    expect(past.every(({ synthetic }) => synthetic)).toBe(true);
  });

  test("what came and went between the call and the first read, or before, is told as well", async (stage) => {
    const { runtime } = stage.main;
    const since = new Date();
    const listening = runtime.events();
    await comeAndGo(runtime, stage, "crate", 6);
    await runtime.create(request(stage, ["true"]));
    const told: ContainerEvent[] = [];
    for await (const event of listening) {
      told.push(event);
      if (event.name === "box") break;
    }
    const life = ["create crate", "start crate", "die crate 6", "destroy crate"];
    expect(told.map(describe)).toEqual([...life, "create box"]);
    expect(told.every(({ synthetic }) => synthetic)).toBe(true);
    expect(told[0]?.labels).toEqual({ brief: "yes" });
    const past: ContainerEvent[] = [];
    const filters = { containers: ["crate"] };
    for await (const event of runtime.events({ since, until: new Date(Date.now() + 1), filters })) past.push(event);
    expect(past.map(describe)).toEqual(life);
  });

  test("exits while the daemon is down are told when it is back, each once", async (stage) => {
    const { runtime } = stage.main;
    const events = await listening(stage);
    await runtime.run(request(stage, ["sh", "-c", "sleep 2; exit 9"]));
    await stage.host.stop("kill");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await stage.host.start();
    await events("die");
    await runtime.delete("box");
    expect((await events("destroy")).map(describe)).toEqual(["create box", "start box", "die box 9", "destroy box"]);
  });

  test(
    "interruptions under churn: the observed state of every container is right, and no change is missed or doubled",
    async (stage) => {
      const proxy = await SocketProxy.start(`${stage.directory}/events.sock`, stage.host.address);
      const watching = stage.open({}, "plugins", proxy.path);
      const observer = new Observer(watching.runtime);
      const { runtime } = stage.main;
      const { status } = await runtime.create(request(stage, ["sleep", "1000"]));
      const abort = new AbortController();
      const churning = churn(runtime, stage.busybox, abort.signal);
      for (let number = 0; number < INTERRUPTIONS; number++) {
        await pause(500);
        proxy.cut();
        const step = STEPS[number % STEPS.length];
        await step?.(runtime);
        const brief = `brief-${String(number)}`;
        await comeAndGo(runtime, stage, brief, number % 200);
        await pause(SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * (number / Math.max(INTERRUPTIONS - 1, 1)));
        proxy.mend();
        await caughtUp(observer, stage, number);
        expect(observer.mistakes).toEqual([]);
        expect(observer.historyOf(brief)).toEqual(["create", "start", `die ${String(number % 200)}`, "destroy"]);
        const { phase } = (await runtime.get("box")).status;
        expect(observer.stateOf(status.id)).toBe(phase === "exited" ? "ended" : phase);
      }
      abort.abort();
      const changes = await churning;
      await runtime.delete("box");
      await caughtUp(observer, stage, INTERRUPTIONS);
      await observer.stop();
      await watching[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      process.stdout.write(
        `events: ${String(INTERRUPTIONS)} interruptions, ${String(changes)} changes, ${String(observer.told)} told, ` +
          `${String(observer.synthetic)} of them synthetic\n`,
      );
      expect(observer.mistakes).toEqual([]);
      expect(observer.alive.filter((line) => !line.endsWith(" created"))).toEqual([]);
      expect(await runtime.list()).toEqual([]);
    },
    { timeoutMs: 120_000 + INTERRUPTIONS * (LONGEST_MS + 30_000) },
  );
});

/** A whole life, from its making to its removal. */
async function comeAndGo(runtime: ContainerdRuntime, stage: Stage, name: string, code: number): Promise<void> {
  await runtime.run({
    ...request(stage, ["sh", "-c", `exit ${String(code)}`]),
    meta: { name, labels: { brief: "yes" } },
  });
  await runtime.wait(name);
  await runtime.delete(name);
}

/** What a container goes through while nobody hears of it, one at each interruption. */
const STEPS: readonly ((runtime: ContainerdRuntime) => Promise<unknown>)[] = [
  (runtime) => runtime.start("box"),
  (runtime) => runtime.pause("box"),
  (runtime) => runtime.kill("box"),
  async (runtime) => {
    await runtime.start("box");
    await runtime.restart("box", { timeoutMs: 0 });
  },
  (runtime) => runtime.restart("box", { timeoutMs: 0 }),
  (runtime) => runtime.kill("box"),
];

/** Resolves when the observer has been told of everything until now: a container that is there is told of in the end. */
async function caughtUp(observer: Observer, stage: Stage, number: number): Promise<void> {
  const name = `mark-${String(number)}`;
  await stage.main.runtime.create({ ...request(stage, ["true"]), meta: { name } });
  await observer.untilTold(name);
  await stage.main.runtime.delete(name);
}

function request(stage: Stage, args: readonly string[]): Parameters<ContainerdRuntime["run"]>[0] {
  return { meta: { name: "box" }, config: { image: stage.busybox, args, network: "none" } };
}

function describe({ action, name, exitCode }: ContainerEvent): string {
  return [action, name, ...(exitCode === undefined ? [] : [exitCode])].join(" ");
}

/** Listens from now on, and reads all the time. What it resolves with gives all there was up to the first event of an action. */
async function listening({ main, busybox }: Stage): Promise<(action: string) => Promise<ContainerEvent[]>> {
  const events = main.runtime.events()[Symbol.asyncIterator]();
  const first = events.next();
  await main.runtime.create({ meta: { name: "first" }, config: { image: busybox, args: ["true"], network: "none" } });
  // From its first word on it listens.
  await first;
  const seen: ContainerEvent[] = [];
  let wake: () => void = () => undefined;
  const reading = (async (): Promise<void> => {
    while (!seen.some(({ action }) => action === "destroy")) {
      const next = await events.next();
      if (next.done === true) throw new Error("the events ended");
      if (next.value.name !== "first") seen.push(next.value);
      wake();
    }
    await events.return?.();
  })();
  await main.runtime.delete("first");
  return async (action) => {
    while (!seen.some((event) => event.action === action)) {
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), reading]);
    }
    if (action === "destroy") await reading;
    return seen;
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
