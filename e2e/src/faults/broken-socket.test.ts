import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stack, Stage } from "../fixture/stage.js";
import { withoutBox } from "../life/box.js";
import { ShimControl } from "./tools/shim-control.js";
import { SocketProxy } from "./tools/socket-proxy.js";

/** Where an answer ends: within a frame's header, within a message, after some of them. In bytes. */
const TRUNCATIONS = [1, 9, 40, 200, 700];

function request(stage: Stage): ContainerRequest {
  return { meta: { name: "box" }, config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" } };
}

await describeOnHost("a daemon behind a socket that breaks", (hostTest) => {
  const test = withoutBox(hostTest);
  const withProxy = async (stage: Stage, body: (proxy: SocketProxy, far: Stack) => Promise<void>): Promise<void> => {
    await using proxy = await SocketProxy.start(join(stage.directory, "proxy.sock"), stage.host.address);
    await using far = stage.open({ recoverOnOpen: false }, "plugins", proxy.path);
    await body(proxy, far);
  };

  test("that is cut fails with UNAVAILABLE, and serves again once it is mended, with what was there before", async (stage) => {
    await withProxy(stage, async (proxy, { client, runtime }) => {
      await runtime.run(request(stage));
      const waiting = runtime.wait("box");
      proxy.cut();
      expect(await refusal(runtime.list())).toMatchObject({ code: "UNAVAILABLE" });
      proxy.mend();
      await client.waitUntilReady();
      expect((await runtime.get("box")).status.phase).toBe("running");
      // A wait outlives it.
      await runtime.kill("box");
      expect(await waiting).toMatchObject({ exitCode: 137 });
      await runtime.delete("box");
    });
  });

  test("that stalls holds a caller up no longer than he wants to wait, and then goes on where it was", async (stage) => {
    await withProxy(stage, async (proxy, { runtime }) => {
      await runtime.run(request(stage));
      proxy.stall();
      const patience = new AbortController();
      const enough = new Error("enough");
      setTimeout(() => {
        patience.abort(enough);
      }, 300);
      const started = performance.now();
      await expect(runtime.get("box", { signal: patience.signal })).rejects.toBe(enough);
      expect(performance.now() - started).toBeLessThan(1_300);
      const patient = runtime.get("box");
      proxy.mend();
      expect((await patient).status.phase).toBe("running");
      await runtime.delete("box");
    });
  });

  test("that ends in the middle of an answer fails as one that is cut, and what was being made is gone or whole", async (stage) => {
    await withProxy(stage, async (proxy, { client, runtime }) => {
      for (const bytes of TRUNCATIONS) {
        proxy.truncate(bytes);
        const { code } = await refusal(runtime.run(request(stage)));
        expect({ bytes, code }).toEqual({ bytes, code: "UNAVAILABLE" });
        proxy.mend();
        await client.waitUntilReady();
        expect((await runtime.recover()).failed).toEqual([]);
        expect(await runtime.list()).toEqual([]);
      }
    });
  });

  test("whose shim is killed says so of one container, and of no other", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run(request(stage));
    await runtime.run({ ...request(stage), meta: { name: "crate" } });
    const waiting = runtime.wait("box");
    await (await ShimControl.of(stage, status.id)).kill();
    expect(["unknown", 137]).toContain((await waiting).exitCode);
    expect((await runtime.get("crate")).status.phase).toBe("running");
    await runtime.delete("box");
    await runtime.delete("crate");
  });
});
