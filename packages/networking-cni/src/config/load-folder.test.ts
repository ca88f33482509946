import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentLogger, type Logger } from "@voiyd/logger";
import { isRuntimeError, type RuntimeError } from "@voiyd/runtime-api";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { findNetwork, loadConfigFile, loadConfigFolder } from "./load-folder.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "voiyd-net.d-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Writes files into the folder: their names, and what stands in them. */
function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

const list = (name: string, ...types: readonly string[]): object => ({
  cniVersion: "1.0.0",
  name,
  plugins: types.map((type) => ({ type })),
});
const single = (name: string, type: string): object => ({ cniVersion: "1.0.0", name, type });
const find = async (name: string, logger: Logger = silentLogger): Promise<NetworkConfigList> =>
  (await findNetwork(dir, name, logger)).list;
const typesOf = ({ plugins }: NetworkConfigList): readonly string[] => plugins.map(({ type }) => type);

async function caught(promise: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRuntimeError(error)) throw new Error(`no RuntimeError but ${String(error)}`);
  return error;
}

describe("a folder of configurations", () => {
  test.each([".conf", ".json"])(
    "has single plugins in files that end in %s, each a network of one plugin",
    async (ext) => {
      write({ [`50-one${ext}`]: single("one", "macvlan") });
      expect(typesOf(await find("one"))).toEqual(["macvlan"]);
    },
  );

  test("is read by the last ending of a name, and no other file in it counts", async () => {
    write({
      "a.conflist": list("a", "bridge"),
      "b.conflist.bak": list("b", "bridge"),
      "c.conf.json": single("c", "ptp"),
      README: "not a network",
      ".hidden": "nor this",
    });
    const { networks, problems } = await loadConfigFolder(dir);
    expect([networks.map((one) => one.list.name), problems]).toEqual([["a", "c"], []]);
  });

  test("has its lists first, then the single plugins, each in the order of the bytes of their names", async () => {
    write({
      "90-z.conflist": list("last", "bridge"),
      "10-a.conf": single("single", "ptp"),
      "B.conflist": list("upper", "bridge"),
      "a.conflist": list("lower", "bridge"),
      "9.conflist": list("nine", "bridge"),
    });
    const { networks } = await loadConfigFolder(dir);
    expect(networks.map((one) => one.list.name)).toEqual(["nine", "last", "upper", "lower", "single"]);
  });

  test("has a network once: a list before a single plugin, an earlier file before a later one", async () => {
    write({
      "10-a.conf": single("twice", "ptp"),
      "20-b.conflist": list("twice", "bridge"),
      "30-c.conflist": list("twice", "macvlan"),
    });
    expect(typesOf(await find("twice"))).toEqual(["bridge"]);
    rmSync(join(dir, "20-b.conflist"));
    rmSync(join(dir, "30-c.conflist"));
    expect(typesOf(await find("twice"))).toEqual(["ptp"]);
  });

  test("need not be there", async () => {
    expect(await loadConfigFolder(join(dir, "nowhere"))).toEqual({ networks: [], problems: [] });
    const error = await caught(findNetwork(join(dir, "nowhere"), "net", silentLogger));
    expect([error.code, error.hint]).toEqual(["NETWORK_NOT_FOUND", "There are no networks"]);
  });

  test("says which networks it has when it has not the one that is asked for", async () => {
    write({ "a.conflist": list("front", "bridge"), "b.conflist": list("back", "bridge") });
    const error = await caught(find("nowhere"));
    expect([error.code, error.details["known"]]).toEqual(["NETWORK_NOT_FOUND", ["front", "back"]]);
  });

  test("is usable past a file that is broken, which is named", async () => {
    write({ "10-bad.conflist": "{", "15-bad.conf": { name: "x" }, "20-good.conflist": list("good", "bridge") });
    const warned: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warned.push(message) };
    expect(typesOf(await find("good", logger))).toEqual(["bridge"]);
    expect(warned).toHaveLength(2);
    const error = await caught(find("bad"));
    expect(error.details["unreadable"]).toEqual([join(dir, "10-bad.conflist"), join(dir, "15-bad.conf")]);
  });

  test("is not searched deeper, not even a folder that is called like a file; links to files are files", async () => {
    write({
      "sub/10-a.conflist": list("deep", "bridge"),
      "20-b.conflist/x": "no file",
      real: list("linked", "bridge"),
    });
    symlinkSync(join(dir, "real"), join(dir, "30-c.conflist"));
    const { networks, problems } = await loadConfigFolder(dir);
    expect([networks.map((one) => one.list.name), problems]).toEqual([["linked"], []]);
  });
});

describe("plugins in files beside a list", () => {
  const beside = { type: "tuning" };

  test.each<[string, object, readonly string[]]>([
    ["come after those of the list", list("net", "bridge"), ["bridge", "tuning"]],
    ["may be all that there are", { cniVersion: "1.0.0", name: "net" }, ["tuning"]],
    ["may be all, where the list says so by false", { name: "net", loadOnlyInlinedPlugins: false }, ["tuning"]],
    [
      "are not looked at where the list forbids it",
      { ...list("net", "bridge"), loadOnlyInlinedPlugins: true },
      ["bridge"],
    ],
    ["are not looked at by the word either", { ...list("net", "bridge"), loadOnlyInlinedPlugins: "True" }, ["bridge"]],
  ])("%s", async (_, own, types) => {
    write({ "50-net.conflist": own, "net/10-tuning.conf": beside, "net/20-other.conflist": "not read" });
    expect(typesOf(await find("net"))).toEqual(types);
  });

  test("come in the order of their names", async () => {
    write({ "50-net.conflist": list("net", "bridge"), "net/b.conf": { type: "two" }, "net/a.conf": { type: "one" } });
    expect(typesOf(await find("net"))).toEqual(["bridge", "one", "two"]);
  });

  test.each([
    ["no folder", {}],
    ["an empty folder", { "net/note.txt": "nothing to load" }],
  ])("need not be there: %s", async (_, more) => {
    write({ "50-net.conflist": list("net", "bridge"), ...more });
    expect(typesOf(await find("net"))).toEqual(["bridge"]);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["neither in the list nor beside it", { "50-net.conflist": { cniVersion: "1.0.0", name: "net" } }],
    [
      "only beside it, where the list forbids it",
      {
        "50-net.conflist": { name: "net", loadOnlyInlinedPlugins: true },
        "net/a.conf": beside,
      },
    ],
    ["an empty list of them", { "50-net.conflist": { name: "net", plugins: [] }, "net/a.conf": beside }],
    ["one beside it without a type", { "50-net.conflist": list("net", "bridge"), "net/a.conf": { name: "x" } }],
    [
      "a word that is neither true nor false",
      {
        "50-net.conflist": { ...list("net", "bridge"), loadOnlyInlinedPlugins: "perhaps" },
      },
    ],
  ])("make no network: %s", async (_, files) => {
    write(files);
    const error = await caught(loadConfigFile(join(dir, "50-net.conflist")));
    expect([error.code, error.message]).toEqual(["NETWORK_CONFIG_INVALID", expect.stringContaining("50-net.conflist")]);
  });

  // nerdctl keeps its networks in a folder called like the containerd namespace: those are lists, and stay out of this.
  test("are no networks of others that keep theirs in a folder of that name", async () => {
    write({ "50-default.conflist": list("default", "bridge"), "default/nerdctl-a.conflist": list("a", "ptp") });
    expect(typesOf(await find("default"))).toEqual(["bridge"]);
  });
});
