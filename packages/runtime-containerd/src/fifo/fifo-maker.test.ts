import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHost } from "../host/create-host.js";
import { runCommand } from "../host/command.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { FifoMaker } from "./fifo-maker.js";
import { createMkfifo, type Mkfifo } from "./mkfifo.js";

let folder: TempFolder;
/** How many paths each program was given. */
let programs: number[];
/** What a program waits for before it begins. */
let gate: Promise<void>;

beforeEach(async () => {
  folder = await tempFolder();
  programs = [];
  gate = Promise.resolve();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

function maker(mkfifo?: Mkfifo): FifoMaker {
  const host = {
    ...createHost(),
    command: async (file: string, args: readonly string[], options?: { signal?: AbortSignal }) => {
      programs.push(args.length - args.indexOf("--") - 1);
      await gate;
      return await runCommand(file, args, options);
    },
  };
  return new FifoMaker({ host }, mkfifo);
}

const made = async (): Promise<readonly string[]> => (await readdir(folder.path)).sort();

describe("the FIFOs of many", () => {
  test("are made by one program once the first's turn has come, as those of one are, and each removes its own", async () => {
    const fifos = maker();
    const plans = ["a", "b", "c"].map((name) => fifos.plan(folder.path, [folder.at(name), folder.at(`${name}2`)]));
    expect(await made()).toEqual([]);
    await plans[1]?.make({});
    expect(await made()).toEqual(["a", "a2", "b", "b2", "c", "c2"]);
    await Promise.all(plans.map((plan) => plan.make({})));
    expect(programs).toEqual([6]);
    const { mode } = await stat(folder.at("c2"));
    expect((mode & 0o170_000) === 0o010_000 && (mode & 0o777) === 0o600).toBe(true);
    await plans[0]?.remove();
    expect(await made()).toEqual(["b", "b2", "c", "c2"]);
    await Promise.all(plans.map((plan) => plan.remove()));
    expect(await made()).toEqual([]);
  });

  test("are made for sixteen at a time, and for nobody in another folder", async () => {
    const fifos = maker();
    await mkdir(folder.at("other"));
    const other = fifos.plan(folder.at("other"), [folder.at("other", "one")]);
    const plans = Array.from({ length: 20 }, (_, index) => fifos.plan(folder.path, [folder.at(String(index))]));
    for (const plan of plans) await plan.make({});
    expect(programs).toEqual([16, 4]);
    expect(await readdir(folder.at("other"))).toEqual([]);
    await other.make({});
    expect(await readdir(folder.at("other"))).toEqual(["one"]);
    expect(await made()).toHaveLength(21);
  });

  test("are not left by who gives up before, while or after they are made", async () => {
    const fifos = maker();
    const plan = (name: string): ReturnType<FifoMaker["plan"]> => fifos.plan(folder.path, [folder.at(name)]);
    const [before, first, during, after] = [plan("before"), plan("first"), plan("during"), plan("after")];
    await before.remove();
    let open = (): void => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const making = first.make({});
    const removed = during.remove();
    open();
    await Promise.all([making, removed]);
    expect(await made()).toEqual(["after", "first"]);
    await after.remove();
    expect(await made()).toEqual(["first"]);
    expect(programs).toEqual([3]);
  });

  test("an abort of the first keeps none from the others, and is thrown once nothing of it can come any more", async () => {
    const fifos = maker();
    const [first, second] = ["first", "second"].map((name) => fifos.plan(folder.path, [folder.at(name)]));
    const abort = new AbortController();
    const reason = new Error("enough");
    const making = first?.make({ signal: abort.signal });
    abort.abort(reason);
    await expect(making).rejects.toBe(reason);
    await first?.remove();
    await second?.make({});
    expect(await made()).toEqual(["second"]);
    expect(programs).toEqual([2]);
  });

  test("one that cannot be made fails alone", async () => {
    const fifos = maker();
    await mkdir(folder.at("gone"));
    const [good, bad, last] = [folder.at("good"), folder.at("gone", "bad"), folder.at("last")].map((path) =>
      fifos.plan(folder.path, [path]),
    );
    await rm(folder.at("gone"), { recursive: true });
    await good?.make({});
    await expect(bad?.make({})).rejects.toThrow(/mkfifo/);
    await last?.make({});
    expect(await made()).toEqual(["good", "last"]);
    expect(programs).toEqual([3, 1, 1, 1]);
  });

  test("are made without a program from the second time on", async () => {
    const fifos = maker(createMkfifo());
    const plans = ["a", "b", "c"].map((name) => fifos.plan(folder.path, [folder.at(name), folder.at(`${name}2`)]));
    const [first, second, third] = plans;
    await third?.remove();
    await first?.make({});
    await second?.make({});
    expect(await made()).toEqual(["a", "a2", "b", "b2"]);
    const later = fifos.plan(folder.path, [folder.at("later")]);
    await later.make({});
    expect(programs).toEqual([4]);
    expect((await stat(folder.at("later"))).mode).toBe(0o010_600);
    for (const plan of [...plans, later]) await plan.remove();
    expect(await made()).toEqual([]);
  });

  test("are made by a program where one of them cannot be made without, and it says why", async () => {
    const fifos = maker(createMkfifo());
    await fifos.plan(folder.path, [folder.at("first")]).make({});
    const plan = fifos.plan(folder.path, [folder.at("second"), folder.at("nowhere", "third")]);
    await expect(plan.make({})).rejects.toThrow(/mkfifo.*third/s);
    expect(programs).toEqual([1, 2]);
  });

  test("are not made for who gives up before, without a program either", async () => {
    const fifos = maker(createMkfifo());
    await fifos.plan(folder.path, [folder.at("first")]).make({});
    const reason = new Error("enough");
    const plan = fifos.plan(folder.path, [folder.at("second")]);
    await expect(plan.make({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await made()).toEqual(["first"]);
  });
});
