import { beforeEach, describe, expect, test } from "@jest/globals";
import { parseConfigList } from "../protocol/config-list.js";
import { FakeExecutor } from "../testing/doubles.js";
import { VersionProbe } from "./version-probe.js";

const LIST = parseConfigList(
  JSON.stringify({
    name: "net",
    cniVersion: "1.0.0",
    cniVersions: ["0.4.0", "1.0.0", "1.1.0"],
    plugins: [{ type: "bridge", ipam: { type: "host-local" } }, { type: "portmap" }],
  }),
  "a test",
);
const call = { signal: new AbortController().signal, graceMs: 0 };

describe("the version of a list", () => {
  let executor: FakeExecutor;
  let probe: VersionProbe;
  let asked: string[];
  beforeEach(() => {
    executor = new FakeExecutor();
    asked = [];
    const exec = executor.exec.bind(executor);
    executor.exec = (invocation) => {
      asked.push(`${invocation.env["CNI_COMMAND"] ?? ""} ${invocation.path}`);
      return exec(invocation);
    };
    probe = new VersionProbe(executor);
  });

  test("is the newest that all of its plugins speak, the one for addresses too", async () => {
    const newest = ["0.4.0", "1.0.0", "1.1.0"];
    executor.versions = { bridge: newest, "host-local": newest, portmap: newest };
    expect(await probe.negotiate(LIST, ["/bin"], call)).toBe("1.1.0");
    executor.versions = { bridge: newest, "host-local": ["0.4.0"], portmap: newest };
    expect(await new VersionProbe(executor).negotiate(LIST, ["/bin"], call)).toBe("0.4.0");
  });

  test("is refused with who speaks what where they have none in common", async () => {
    executor.versions = { bridge: ["1.0.0"], "host-local": ["0.1.0"], portmap: ["1.0.0"] };
    await expect(probe.negotiate(LIST, ["/bin"], call)).rejects.toMatchObject({
      code: "NETWORK_CONFIG_INVALID",
      hint: expect.stringMatching(/bridge: 1\.0\.0[^]*host-local: 0\.1\.0/),
    });
  });

  test("is asked for once, as long as the plugins' files are the same", async () => {
    await probe.negotiate(LIST, ["/bin"], call);
    await probe.negotiate(LIST, ["/bin"], call);
    expect(asked).toHaveLength(3);
    const find = executor.find.bind(executor);
    executor.find = async (type) => {
      const found = await find(type);
      return found && { ...found, identity: `${found.identity}, another file` };
    };
    await probe.negotiate(LIST, ["/bin"], call);
    expect(asked).toHaveLength(6);
  });

  test("is asked for again after a failure, and a plugin that is missing is named", async () => {
    const { exec } = executor;
    executor.exec = () => Promise.reject(new Error("no process can be started"));
    await expect(probe.negotiate(LIST, ["/bin"], call)).rejects.toThrow("no process can be started");
    executor.exec = exec;
    expect(await probe.negotiate(LIST, ["/bin"], call)).toBe("1.0.0");
    executor.missing.add("host-local");
    await expect(probe.negotiate(LIST, ["/bin"], call)).rejects.toMatchObject({
      code: "PLUGIN_NOT_FOUND",
      details: { plugin: "host-local", network: "net" },
    });
  });

  test.each([
    [["bridge", "host-local", "portmap"], "bridge"],
    [["host-local", "portmap"], "host-local"],
    [["portmap"], "portmap"],
  ])(
    "names the first one in the order of the list where %j are missing, whoever is looked for first",
    async (missing, named) => {
      for (const type of missing) executor.missing.add(type);
      const find = executor.find.bind(executor);
      // Whatever stands later in the list is known earlier.
      executor.find = async (type) => {
        for (let turns = ["portmap", "host-local", "bridge"].indexOf(type); turns > 0; turns -= 1) {
          await new Promise(setImmediate);
        }
        return find(type);
      };
      await expect(probe.negotiate(LIST, ["/bin"], call)).rejects.toMatchObject({ details: { plugin: named } });
    },
  );

  test("is asked for by everybody himself when the one who asked first gives up", async () => {
    const first = new AbortController();
    const exec = executor.exec.bind(executor);
    executor.exec = async (invocation) => {
      await new Promise(setImmediate);
      invocation.signal?.throwIfAborted();
      return exec(invocation);
    };
    const given = probe.negotiate(LIST, ["/bin"], { ...call, signal: first.signal });
    const other = probe.negotiate(LIST, ["/bin"], call);
    first.abort(new Error("the first one gives up"));
    await expect(given).rejects.toThrow("the first one gives up");
    expect(await other).toBe("1.0.0");
  });
});
