import { describe, expect, test } from "@jest/globals";
import { WriteAction } from "@voiyd/containerd-client";
import { FakeClient } from "../testing/fake-client.js";
import { WriteSession } from "./write-session.js";

const write = (offset: number): Parameters<WriteSession["send"]>[0] => ({
  action: WriteAction.WRITE,
  ref: "r",
  offset: BigInt(offset),
  data: new Uint8Array(1),
});

describe("a write session", () => {
  test("answers each message with its own answer, after those that nobody has waited for", async () => {
    const client = new FakeClient();
    await using session = new WriteSession(client, {});
    await session.exchange({ action: WriteAction.STAT, ref: "r" });
    session.send(write(0));
    session.send(write(1));
    const third = await session.exchange(write(2));
    expect(third.offset).toBe(3n);
    expect(client.store.log).toEqual(["STAT", "WRITE 0", "WRITE 1", "WRITE 2"]);
  });

  test("waits until few enough messages are unanswered, and no longer", async () => {
    const client = new FakeClient();
    await using session = new WriteSession(client, {});
    await session.exchange({ action: WriteAction.STAT, ref: "r" });
    for (let offset = 0; offset < 4; offset++) session.send(write(offset));
    await session.drain(4);
    expect(client.store.log).toEqual(["STAT"]);
    await session.drain(1);
    expect(client.store.log).toHaveLength(4);
    await session.drain(0);
    expect(client.store.log).toHaveLength(5);
  });

  test("fails when the store fails", async () => {
    const client = new FakeClient();
    await using session = new WriteSession(client, {});
    await session.exchange({ action: WriteAction.STAT, ref: "r" });
    session.send(write(7));
    await expect(session.drain(0)).rejects.toMatchObject({ code: "out_of_range" });
  });

  test("fails when the store ends it early", async () => {
    const client = new FakeClient();
    client.store.service.write = async function* () {
      // Nothing, and the end of it.
    };
    await using session = new WriteSession(client, {});
    await expect(session.exchange({ action: WriteAction.STAT, ref: "r" })).rejects.toMatchObject({
      code: "ECONNRESET",
    });
  });

  test("ends the stream of requests when it is disposed, and waits for the store to see it", async () => {
    const client = new FakeClient();
    const seen: string[] = [];
    client.store.service.write = (requests) => {
      const reading = (async () => {
        for await (const { ref } of requests) seen.push(String(ref));
        seen.push("end");
      })();
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => undefined),
          return: async () => {
            await reading;
            return { done: true, value: undefined };
          },
        }),
      };
    };
    const session = new WriteSession(client, {});
    session.send({ action: WriteAction.STAT, ref: "r" });
    await session[Symbol.asyncDispose]();
    expect(seen).toEqual(["r", "end"]);
  });
});
