import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isRuntimeError, type RuntimeError } from "@voiyd/runtime-api";
import { InlineExecutor } from "../plugin/executor.js";
import { FakeWorld } from "../testing/doubles.js";
import { resultFrom, ScriptPlugins, type Misbehaviour } from "../testing/script-plugins.js";

const PLUGINS = ["one", "two", "three", "four"] as const;
const BACKWARDS = PLUGINS.toReversed().map((plugin) => `DEL ${plugin}`);
const RUNTIME_CONFIG = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
const request = { containerId: "c1", networks: ["net"], portMappings: [{ hostPort: 8080, containerPort: 80 }] };

/** Every way to fail at every position. */
const MATRIX = (misbehaviours: readonly Misbehaviour[]): readonly (readonly [string, Misbehaviour])[] =>
  PLUGINS.flatMap((plugin) => misbehaviours.map((misbehaviour) => [plugin, misbehaviour] as const));

const worlds: FakeWorld[] = [];
let world: FakeWorld;
let plugins: ScriptPlugins;

beforeEach(() => {
  plugins = new ScriptPlugins(PLUGINS);
  open();
});
afterEach(() => {
  worlds.splice(0).forEach(({ dir }) => {
    rmSync(dir, { recursive: true, force: true });
  });
  plugins.remove();
});

function open(timeouts: { readonly attachMs?: number; readonly detachMs?: number } = {}): void {
  world = new FakeWorld({
    executor: new InlineExecutor(),
    binDirs: [plugins.binDir],
    timeouts: { graceMs: 0, ...timeouts },
  });
  worlds.push(world);
  world.writeList(
    "net",
    PLUGINS.map((type) => ({ type, capabilities: { portMappings: type === "two" } })),
  );
}

async function caught(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRuntimeError(error)) throw new Error(`no RuntimeError but ${String(error)}`);
  return error;
}

const records = (): readonly string[] =>
  ["results", "voiyd-tmp"].flatMap((folder) => readdirSync(join(world.dir, "cache", folder)));

/** That the DELs were those of a whole list, backwards, each told of the last result and of the ports. */
function expectCompleteDeletes(lastResult: string | undefined): void {
  const calls = plugins.takeCalls().filter(({ call }) => call.startsWith("DEL"));
  expect(calls.map(({ call }) => call)).toEqual(BACKWARDS);
  expect(calls.map(resultFrom)).toEqual(PLUGINS.map(() => lastResult));
  expect(calls.map(({ stdin }) => stdin["runtimeConfig"])).toEqual([undefined, undefined, RUNTIME_CONFIG, undefined]);
}

const ADD_ERRORS: readonly (readonly [Misbehaviour, string])[] = [
  ["fails", "no luck"],
  ["crashes", "ended by SIGSEGV"],
  ["prints garbage and succeeds", "not a result"],
  ["prints garbage and fails", "panic: runtime error"],
  ["prints nothing and succeeds", "not a result"],
  ["prints nothing and fails", "exit code 3"],
  ["prints without end", "wrote too much"],
];

describe("a plugin that fails at ADD", () => {
  test.each(MATRIX(ADD_ERRORS.map(([misbehaviour]) => misbehaviour)))(
    "%s %s: the error names it, and all is undone backwards",
    async (plugin, misbehaviour) => {
      plugins.spoil("ADD", plugin, misbehaviour);
      const error = await caught(world.manager.attach(request));
      const { code, details, message } = error;
      expect([code, details["plugin"], details["command"], details["network"], details["containerId"]]).toEqual([
        "NETWORK_SETUP_FAILED",
        plugin,
        "ADD",
        "net",
        "c1",
      ]);
      expect(details["cniCode"]).toBe(misbehaviour === "fails" ? 101 : 0);
      expect(details["reason"]).toBe(misbehaviour === "crashes" ? "crashed" : "unknown");
      expect(message).toContain(new Map(ADD_ERRORS).get(misbehaviour));
      expect(details["leftovers"]).toBeUndefined();
      expectCompleteDeletes(before(plugin));
      expect(records()).toEqual([]);
    },
  );

  test.each(PLUGINS)(
    "%s hangs, and the time runs out: it is ended with its children, and all is undone",
    async (plugin) => {
      open({ attachMs: 1500 });
      plugins.spoil("ADD", plugin, "hangs");
      expect((await caught(world.manager.attach(request))).code).toBe("TIMEOUT");
      expectCompleteDeletes(before(plugin));
      expect([records(), plugins.survivors()]).toEqual([[], []]);
    },
  );

  test.each(PLUGINS)(
    "%s hangs, and the caller gives up: it is ended with its children, and all is undone",
    async (plugin) => {
      plugins.spoil("ADD", plugin, "hangs");
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      const attached = world.manager.attach(request, { signal: controller.signal });
      const ended = expect(attached).rejects.toBe(reason);
      await plugins.hanging();
      controller.abort(reason);
      await ended;
      expectCompleteDeletes(before(plugin));
      expect([records(), plugins.survivors()]).toEqual([[], []]);
    },
  );

  test.each(PLUGINS)("%s fails at both: the record stays, and a later detach removes the rest", async (plugin) => {
    plugins.spoil("ADD", plugin, "crashes");
    plugins.spoil("DEL", plugin, "crashes");
    const { code, details } = await caught(world.manager.attach(request));
    expect([code, details["plugin"]]).toEqual(["NETWORK_SETUP_FAILED", plugin]);
    expect(details["leftovers"]).toEqual([expect.stringContaining(`plugin ${plugin}`)]);
    expect(records()).toEqual(["net-c1-eth0"]);
    plugins.mend("DEL", plugin);
    plugins.takeCalls();
    await world.manager.detach("c1");
    expectCompleteDeletes(before(plugin));
    expect(records()).toEqual([]);
  });
});

describe("a plugin that fails at DEL", () => {
  test.each(MATRIX(["fails", "crashes", "prints garbage and fails", "prints nothing and fails", "prints without end"]))(
    "%s %s: the others are called, it once more, and the next detach removes the rest",
    async (plugin, misbehaviour) => {
      await world.manager.attach(request);
      plugins.spoil("DEL", plugin, misbehaviour);
      plugins.takeCalls();
      const { code, details } = await caught(world.manager.detach("c1"));
      expect([code, details["leftovers"]]).toEqual([
        "NETWORK_TEARDOWN_FAILED",
        [expect.stringContaining(`plugin ${plugin}`)],
      ]);
      expect(plugins.takeCalls().map(({ call }) => call)).toEqual([...BACKWARDS, `DEL ${plugin}`]);
      expect(world.namespaces.present.size).toBe(0);
      expect(records()).toEqual(["net-c1-eth0"]);
      plugins.mend("DEL", plugin);
      await world.manager.detach("c1");
      expectCompleteDeletes("four");
      expect(records()).toEqual([]);
    },
  );

  test.each(PLUGINS)("%s hangs: the others get their turn, and the next detach removes the rest", async (plugin) => {
    open({ detachMs: 6000 });
    await world.manager.attach(request);
    plugins.spoil("DEL", plugin, "hangs");
    plugins.takeCalls();
    const { code, details } = await caught(world.manager.detach("c1"));
    expect([code, details["leftovers"]]).toEqual([
      "NETWORK_TEARDOWN_FAILED",
      [expect.stringContaining(`plugin ${plugin}`)],
    ]);
    expect(plugins.takeCalls().map(({ call }) => call)).toEqual([...BACKWARDS, `DEL ${plugin}`]);
    expect(plugins.survivors()).toEqual([]);
    plugins.mend("DEL", plugin);
    await world.manager.detach("c1");
    expectCompleteDeletes("four");
    expect(records()).toEqual([]);
  });

  test.each(MATRIX(["prints garbage and succeeds", "prints nothing and succeeds"]))(
    "%s %s: what it prints does not matter",
    async (plugin, misbehaviour) => {
      await world.manager.attach(request);
      plugins.spoil("DEL", plugin, misbehaviour);
      plugins.takeCalls();
      await world.manager.detach("c1");
      expectCompleteDeletes("four");
      expect(records()).toEqual([]);
    },
  );
});

/** The plugin in front of this one: whose result is the last when this one fails. */
function before(plugin: string): string | undefined {
  return PLUGINS[PLUGINS.findIndex((name) => name === plugin) - 1];
}
