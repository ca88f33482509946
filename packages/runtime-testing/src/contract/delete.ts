import { ok, strictEqual } from "node:assert/strict";
import type { Container, ContainerRef } from "@voiyd/runtime-api";
import { isRuntimeError } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { PATTERNS } from "./get.js";
import { rejectsWith } from "./rejections.js";
import type { Promised } from "./stage.js";

export function deleteContract(promised: Promised): void {
  promised("removes a container that runs", async ({ harness, names, run, runtime }) => {
    const { meta, status } = await run(harness.programs.sleepForever);
    await runtime.delete(meta.name);
    assertSame(await names(), []);
    await rejectsWith("NOT_FOUND", runtime.get(meta.name));
    await rejectsWith("NOT_FOUND", runtime.get(status.id));
    await rejectsWith("NOT_FOUND", runtime.io(status.id));
  });

  promised("removes a container that has exited", async ({ harness, names, runToItsEnd, runtime }) => {
    const container = await runToItsEnd(harness.programs.exitWith(1));
    await runtime.delete(container);
    assertSame(await names(), []);
  });

  promised("what does not exist is success", async ({ runtime }) => {
    await runtime.delete("nothing");
    await runtime.delete("0".repeat(64));
  });

  promised("twice, and twice at once, is success", async ({ harness, names, run, runtime }) => {
    const first = await run(harness.programs.sleepForever);
    await runtime.delete(first);
    await runtime.delete(first);
    const second = await run(harness.programs.sleepForever);
    await Promise.all([runtime.delete(second.meta.name), runtime.delete(second.meta.name), runtime.delete(second)]);
    assertSame(await names(), []);
  });

  promised(
    "takes a name, an id, an id prefix, a container and a request",
    async ({ harness, names, request, runtime }) => {
      const one = request(harness.programs.sleepForever);
      const refs: Readonly<Record<string, (container: Container) => ContainerRef>> = {
        name: ({ meta }) => meta.name,
        id: ({ status }) => status.id,
        prefix: ({ status }) => status.id.slice(0, 16),
        container: (container) => container,
        request: () => one,
      };
      for (const [kind, ref] of Object.entries(refs)) {
        await runtime.delete(ref(await runtime.run(one)));
        assertSame(await names(), [], `by ${kind}`);
      }
    },
  );

  promised("frees the name at once", async ({ harness, request, runtime }) => {
    const one = request(harness.programs.sleepForever);
    const ids = new Set<string>();
    for (let round = 0; round < 3; round++) {
      ids.add((await runtime.run(one)).status.id);
      await runtime.delete(one);
    }
    strictEqual(ids.size, 3);
  });

  promised("a container object of the past does not hit its namesake", async ({ harness, request, runtime }) => {
    const one = request(harness.programs.sleepForever);
    const old = await runtime.run(one);
    await runtime.delete(old);
    const young = await runtime.run(one);
    await runtime.delete(old);
    strictEqual((await runtime.get(one.meta.name)).status.id, young.status.id);
    strictEqual((await runtime.get(young)).status.phase, "running");
  });

  promised("removes what it was told to, and nothing beside it", async ({ harness, names, run, runtime }) => {
    for (const name of ["x", "xy", "x.y"]) await run(harness.programs.sleepForever, {}, { name });
    await runtime.delete("x");
    assertSame(await names(), ["x.y", "xy"]);
    for (const pattern of PATTERNS) {
      // Absent is success, and what can be no name may be refused: neither may remove anything.
      await runtime.delete(pattern).catch((error: unknown) => {
        ok(
          isRuntimeError(error, "INVALID_ARGUMENT"),
          `delete of ${JSON.stringify(pattern)} rejected with ${String(error)}`,
        );
      });
    }
    assertSame(await names(), ["x.y", "xy"]);
  });
}
