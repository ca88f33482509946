import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ContainerdClient } from "../client.js";
import { Version } from "../gen/containerd/services/version/v1/version_pb.js";
import { type FakeContainerd, startFakeContainerd } from "../testing/fake-containerd.js";

let fake: FakeContainerd;
let client: ContainerdClient;

async function start(version: () => { version: string }): Promise<void> {
  fake = await startFakeContainerd((router) => router.service(Version, { version }));
  client = new ContainerdClient({ address: fake.address, namespace: "blue" });
}

afterEach(async () => {
  client.close();
  await fake[Symbol.asyncDispose]();
});

describe("waiting for the daemon", () => {
  test("ends when it answers", async () => {
    await start(() => ({ version: "1.6.20" }));
    await expect(client.waitUntilReady()).resolves.toBeUndefined();
    expect(fake.calls).toHaveLength(1);
  });

  test("outlasts a daemon that is not there yet", async () => {
    await start(() => ({ version: "1.6.20" }));
    await fake.kill();
    const ready = client.waitUntilReady();
    // It has found nobody by the time that this call has.
    await expect(client.version.version({})).rejects.toMatchObject({ code: "unavailable" });
    await fake.start();
    await expect(ready).resolves.toBeUndefined();
  });

  test("outlasts a daemon that is still starting", async () => {
    let calls = 0;
    await start(() => {
      if (++calls < 4) throw new ConnectError("initialising", Code.Unavailable);
      return { version: "1.6.20" };
    });
    await client.waitUntilReady();
    expect(calls).toBe(4);
  });

  test("rejects with the last error when the time is over", async () => {
    await start(() => ({ version: "1.6.20" }));
    await fake.kill();
    await expect(client.waitUntilReady({ timeoutMs: 30 })).rejects.toMatchObject({
      code: "unavailable",
      connection: true,
    });
  });

  test("does not go on for an error that waiting cannot mend", async () => {
    let calls = 0;
    await start(() => {
      calls++;
      throw new ConnectError("no", Code.PermissionDenied);
    });
    await expect(client.waitUntilReady()).rejects.toMatchObject({ code: "permission_denied" });
    expect(calls).toBe(1);
  });

  test("is aborted with the signal's reason, during a call", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    await start(() => {
      stop.abort(reason);
      throw new ConnectError("starting", Code.Unavailable);
    });
    await expect(client.waitUntilReady({ signal: stop.signal })).rejects.toBe(reason);
  });

  test("is aborted with the signal's reason, during a pause", async () => {
    const reason = new Error("enough");
    await start(() => ({ version: "1.6.20" }));
    await fake.kill();
    const stop = new AbortController();
    const ready = client.waitUntilReady({ signal: stop.signal });
    // Two more calls that fail: by then the first one's failure is known, and its pause has begun.
    await client.version.version({}).catch(() => undefined);
    await client.version.version({}).catch(() => undefined);
    stop.abort(reason);
    await expect(ready).rejects.toBe(reason);
  });
});
