import { strictEqual } from "node:assert/strict";
import type { Commit, Diff, Runtime } from "@voiyd/runtime-api";
import { canCommit, canCopy, canDiff, hasImages } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised, Stage } from "./stage.js";
import { textsOf } from "./streams.js";
import { chunksOf, tarOf } from "./tar.js";

const TARGET = "registry.example/team/committed:1";

/** What a container of the image has in the variable `KEPT`. */
async function keptIn({ harness, runtime, runToItsEnd }: Stage, image: string): Promise<string> {
  const container = await runToItsEnd(harness.programs.printVariable("KEPT"), { image });
  const { stdout } = await textsOf(await runtime.io(container.status.id));
  await runtime.delete(container);
  return stdout;
}

export function diffContract(promised: Promised): void {
  promised("sorted by path, the same whether asked once or twice", async ({ harness, runtime, run, runToItsEnd }) => {
    for (const container of [
      await run(harness.programs.sleepForever),
      await runToItsEnd(harness.programs.exitWith(0)),
    ]) {
      const changes = await withDiff(runtime).diff(container);
      const paths = changes.map(({ path }) => path);
      strictEqual(paths.join(), [...paths].sort().join());
      strictEqual(JSON.stringify(await withDiff(runtime).diff(container.meta.name)), JSON.stringify(changes));
    }
  });

  promised("NOT_FOUND for what does not exist, and the reason of an aborted signal", async (stage) => {
    const { harness, runtime, run } = stage;
    await rejectsWith("NOT_FOUND", withDiff(runtime).diff("nothing"), ["nothing"]);
    const reason = new Error("changed my mind");
    const container = await run(harness.programs.sleepForever);
    await rejectsWithReason(reason, withDiff(runtime).diff(container, { signal: AbortSignal.abort(reason) }));
  });
}

/** For runtimes that have the capability `copy` too. */
export function diffOfCopiesContract(promised: Promised): void {
  promised("what was copied in is added, with the folders that came with it", async ({ harness, runtime, run }) => {
    if (!canCopy(runtime)) throw new Error("the runtime was declared to have the capability `copy`");
    const container = await run(harness.programs.sleepForever);
    const before = await withDiff(runtime).diff(container);
    await runtime.copyTo(container, "/", chunksOf(tarOf("copied/in/file", "first")));
    const added = ["/copied", "/copied/in", "/copied/in/file"].map((path) => ({ kind: "added", path }));
    const isOurs = ({ path }: { path: string }): boolean => path.startsWith("/copied");
    assertSame((await withDiff(runtime).diff(container)).filter(isOurs), added);
    assertSame(before.filter(isOurs), []);
  });
}

/** For runtimes that have the capabilities `copy` and `diff` too. */
export function commitOfCopiesContract(promised: Promised): void {
  promised("what was copied in is the image's, and no change of a container of that", async (stage) => {
    const { harness, runtime, run } = stage;
    if (!canCopy(runtime)) throw new Error("the runtime was declared to have the capability `copy`");
    if (!hasImages(runtime)) throw new Error("an image of a container is among the images");
    const container = await run(harness.programs.sleepForever);
    await runtime.copyTo(container, "/", chunksOf(tarOf("copied/in/file", "first")));
    await withCommit(runtime).commit(container, TARGET);
    const again = await run(harness.programs.sleepForever, { image: TARGET });
    strictEqual((await runtime.statPath(again, "/copied/in/file")).size, 5);
    const changes = async (): Promise<string[]> =>
      (await withDiff(runtime).diff(again))
        .filter(({ path }) => path.startsWith("/copied"))
        .map(({ kind, path }) => `${kind} ${path}`);
    assertSame(await changes(), []);
    await runtime.copyTo(again, "/", chunksOf(tarOf("copied/in/file", "second")));
    assertSame(await changes(), ["changed /copied", "changed /copied/in", "changed /copied/in/file"]);
    // The other one has its own.
    strictEqual((await runtime.statPath(container, "/copied/in/file")).size, 5);
    await runtime.delete(again);
    await runtime.removeImage(TARGET);
  });

  promised("instructions for how the image is run are followed, in their order", async (stage) => {
    const { harness, runtime, run } = stage;
    if (!hasImages(runtime)) throw new Error("an image of a container is among the images");
    const container = await run(harness.programs.sleepForever);
    const changes = ["ENV KEPT=no OTHER=x", "ENV KEPT=yes", "WORKDIR /", "LABEL a=b", "STOPSIGNAL SIGUSR1"];
    await withCommit(runtime).commit(container, TARGET, { changes });
    strictEqual(await keptIn(stage, TARGET), "yes\n");
    await runtime.removeImage(TARGET);
  });
}

export function commitContract(promised: Promised): void {
  promised("an image that runs as its container did, and goes on without it", async (stage) => {
    const { harness, runtime, run } = stage;
    if (!hasImages(runtime)) throw new Error("an image of a container is among the images");
    const container = await run(harness.programs.sleepForever, { envvars: [{ name: "KEPT", value: "yes" }] });
    const image = await withCommit(runtime).commit(container, TARGET);
    strictEqual(image.name, TARGET);
    strictEqual((await runtime.get(container)).status.phase, "running");
    await runtime.delete(container);
    strictEqual(await keptIn(stage, TARGET), "yes\n");
    await runtime.removeImage(TARGET);
  });

  promised("refuses what is not there, what is no name, and what is no change", async ({ harness, runtime, run }) => {
    const container = await run(harness.programs.sleepForever);
    const able = withCommit(runtime);
    await rejectsWith("NOT_FOUND", able.commit("nothing", TARGET), ["nothing"]);
    await rejectsWith("INVALID_ARGUMENT", able.commit(container, "Not A Name"));
    await rejectsWith("INVALID_ARGUMENT", able.commit(container, `${TARGET}@sha256:${"a".repeat(64)}`));
    await rejectsWith("INVALID_ARGUMENT", able.commit(container, TARGET, { changes: ["RUN true"] }));
    const reason = new Error("changed my mind");
    await rejectsWithReason(reason, able.commit(container, TARGET, { signal: AbortSignal.abort(reason) }));
    strictEqual((await runtime.get(container)).status.phase, "running");
  });
}

function withDiff(runtime: Runtime): Runtime & Diff {
  if (!canDiff(runtime)) throw new Error("the runtime was declared to have the capability `diff`");
  return runtime;
}

function withCommit(runtime: Runtime): Runtime & Commit {
  if (!canCommit(runtime)) throw new Error("the runtime was declared to have the capability `commit`");
  return runtime;
}
