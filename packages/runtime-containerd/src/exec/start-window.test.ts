import { describe, expect, test } from "@jest/globals";
import { StartWindow } from "./start-window.js";

/** Lets everything run that can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Starts that go on until they are told to end. */
class Starts {
  readonly running: string[] = [];
  readonly #ends = new Map<string, () => void>();

  readonly start = (name: string) => (): Promise<string> => {
    this.running.push(name);
    return new Promise((resolve) => {
      this.#ends.set(name, () => {
        this.running.splice(this.running.indexOf(name), 1);
        resolve(name);
      });
    });
  };

  end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    return settle();
  }
}

describe("F11: of all starts in a container", () => {
  test("so many run at a time, the others in the order in which they came", async () => {
    const window = new StartWindow(2);
    const starts = new Starts();
    const all = ["a", "b", "c", "d"].map((name) => window.run("one", undefined, starts.start(name)));
    await settle();
    expect(starts.running).toEqual(["a", "b"]);
    await starts.end("b");
    expect(starts.running).toEqual(["a", "c"]);
    for (const name of ["a", "c", "d"]) await starts.end(name);
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  });

  test("none waits for another container's", async () => {
    const window = new StartWindow(1);
    const starts = new Starts();
    const all = ["one", "two"].map((name) => window.run(name, undefined, starts.start(name)));
    await settle();
    expect(starts.running).toEqual(["one", "two"]);
    for (const name of ["one", "two"]) await starts.end(name);
    await Promise.all(all);
  });

  test("one that fails makes room, and one that is aborted while it waits is never begun", async () => {
    const window = new StartWindow(1);
    const starts = new Starts();
    const failed = window.run("one", undefined, () => Promise.reject(new Error("no such command")));
    const abort = new AbortController();
    const given = window.run("one", abort.signal, starts.start("given up"));
    const last = window.run("one", undefined, starts.start("last"));
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(given).rejects.toBe(reason);
    await expect(failed).rejects.toThrow("no such command");
    await settle();
    expect(starts.running).toEqual(["last"]);
    await starts.end("last");
    expect(await last).toBe("last");
  });
});
