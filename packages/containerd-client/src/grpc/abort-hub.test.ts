import { getEventListeners } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { AbortHub } from "./abort-hub.js";

const count = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("many listeners to one signal", () => {
  test("are one listener of the signal's, and all are told", () => {
    const hub = new AbortHub();
    const stop = new AbortController();
    const told: number[] = [];
    for (let index = 0; index < 100; index++) hub.listen(stop.signal, () => told.push(index));
    expect(count(stop.signal)).toBe(1);
    stop.abort();
    expect(told).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(count(stop.signal)).toBe(0);
  });

  test("that have stopped are not told, and the last one leaves nothing on the signal", () => {
    const hub = new AbortHub();
    const stop = new AbortController();
    const told: string[] = [];
    const tell = (): void => void told.push("x");
    const first = hub.listen(stop.signal, tell);
    const second = hub.listen(stop.signal, tell);
    first();
    first();
    expect(count(stop.signal)).toBe(1);
    second();
    expect(count(stop.signal)).toBe(0);
    const third = hub.listen(stop.signal, tell);
    second();
    expect(count(stop.signal)).toBe(1);
    stop.abort();
    third();
    expect(told).toEqual(["x"]);
  });

  test("may stop one another while they are told", () => {
    const hub = new AbortHub();
    const stop = new AbortController();
    const told: string[] = [];
    const stops: (() => void)[] = [];
    for (const name of ["a", "b"]) {
      stops.push(
        hub.listen(stop.signal, () => {
          told.push(name);
          for (const end of stops) end();
        }),
      );
    }
    stop.abort();
    expect(told[0]).toBe("a");
    expect(count(stop.signal)).toBe(0);
  });
});
