import type { ContainerdRuntime } from "@voiyd/runtime-containerd";

const AT_ONCE = 3;

/** Makes, starts, pauses, restarts, ends and deletes containers until it is told to stop. Resolves with the number of changes. */
export async function churn(runtime: ContainerdRuntime, image: string, signal: AbortSignal): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, lane) => {
      let changes = 0;
      for (let round = 0; !signal.aborted; round++) {
        changes += await oneLife(runtime, image, `churn-${String(lane)}-${String(round)}`, lane + round);
      }
      return changes;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function oneLife(runtime: ContainerdRuntime, image: string, name: string, kind: number): Promise<number> {
  const args = kind % 3 === 0 ? ["sh", "-c", "sleep 0.3; exit 7"] : ["sleep", "1000"];
  await runtime.run({ meta: { name }, config: { image, args, network: "none" } });
  let changes = 2;
  if (kind % 3 === 0) {
    await runtime.wait(name);
    await runtime.start(name);
    await runtime.wait(name);
    changes += 3;
  } else {
    await runtime.pause(name);
    await runtime.resume(name);
    changes += 2;
    if (kind % 3 === 1) {
      await runtime.restart(name, { timeoutMs: 0 });
      changes += 2;
    }
    await runtime.kill(name);
    changes += 1;
  }
  await runtime.delete(name);
  return changes + 1;
}
