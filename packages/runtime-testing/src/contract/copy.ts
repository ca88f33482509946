import { strictEqual } from "node:assert/strict";
import type { Copy, Export, Runtime } from "@voiyd/runtime-api";
import { canCopy, canExport } from "@voiyd/runtime-api";
import { collect } from "../archive/collect.js";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised, Stage } from "./stage.js";
import { BLOCK, chunksOf, MODIFIED, tarOf } from "./tar.js";

export function copyContract(promised: Promised): void {
  promised("what was copied in comes out again, whether the container runs or has ended", async (stage) => {
    const running = await stage.run(stage.harness.programs.sleepForever);
    const ended = await stage.runToItsEnd(stage.harness.programs.exitWith(0));
    const copy = withCopy(stage.runtime);
    for (const container of [running, ended.meta.name]) {
      await copy.copyTo(container, "/", chunksOf(tarOf("greeting", "hello")));
      const stat = await copy.statPath(container, "/greeting");
      assertSame([stat.name, stat.kind, stat.size, stat.mode], ["greeting", "file", 5, 0o640]);
      strictEqual(stat.modified.getTime(), MODIFIED);
      const archive = await collect(copy.copyFrom(container, "/greeting"));
      strictEqual(nameIn(archive), "greeting");
      strictEqual(textIn(archive, 5), "hello");
      // What comes out can go in again, here or elsewhere.
      await copy.copyTo(container, "/", chunksOf(archive));
    }
  });

  promised("a file takes the place of a file, a folder of nothing", async (stage) => {
    const container = await stage.run(stage.harness.programs.sleepForever);
    const copy = withCopy(stage.runtime);
    await copy.copyTo(container, "/", chunksOf(tarOf("one/two/file", "first")));
    await copy.copyTo(container, "/one", chunksOf(tarOf("two/file", "second")));
    strictEqual(textIn(await collect(copy.copyFrom(container, "/one/two/file")), 6), "second");
    strictEqual((await copy.statPath(container, "/one/two/")).kind, "directory");
    await rejectsWith("FAILED_PRECONDITION", copy.copyTo(container, "/", chunksOf(tarOf("one", "file"))));
    strictEqual((await copy.statPath(container, "/one")).kind, "directory");
  });

  promised("refuses what is not there, what is no folder, and what is no archive", async (stage) => {
    const { name } = (await stage.run(stage.harness.programs.sleepForever)).meta;
    const copy = withCopy(stage.runtime);
    const archive = tarOf("file", "x");
    await copy.copyTo(name, "/", chunksOf(archive));
    await rejectsWith("NOT_FOUND", copy.statPath("nothing", "/"), ["nothing"]);
    await rejectsWith("NOT_FOUND", copy.copyTo("nothing", "/", chunksOf(archive)));
    await rejectsWith("NOT_FOUND", collect(copy.copyFrom("nothing", "/")));
    await rejectsWith("NOT_FOUND", copy.statPath(name, "/no/such/file"));
    await rejectsWith("NOT_FOUND", copy.copyTo(name, "/no-such-folder", chunksOf(archive)));
    await rejectsWith("NOT_FOUND", collect(copy.copyFrom(name, "/no-such-file")));
    await rejectsWith("FAILED_PRECONDITION", copy.copyTo(name, "/file", chunksOf(archive)));
    await rejectsWith("FAILED_PRECONDITION", copy.statPath(name, "/file/"));
    await rejectsWith("INVALID_ARGUMENT", copy.copyTo(name, "/", chunksOf(archive.subarray(0, 512))));
    await rejectsWith("INVALID_ARGUMENT", copy.copyTo(name, "/", chunksOf(Buffer.alloc(512, 1))));
    await rejectsWith("INVALID_ARGUMENT", copy.copyTo(name, "/", chunksOf(tarOf("../file", "x"))));
    await rejectsWith("INVALID_ARGUMENT", copy.statPath(name, ""));
  });

  promised("rejects with the reason of an aborted signal", async (stage: Stage) => {
    const container = await stage.run(stage.harness.programs.sleepForever);
    const copy = withCopy(stage.runtime);
    const reason = new Error("changed my mind");
    const aborted = { signal: AbortSignal.abort(reason) };
    await rejectsWithReason(reason, copy.statPath(container, "/", aborted));
    await rejectsWithReason(reason, collect(copy.copyFrom(container, "/", aborted)));
    await rejectsWithReason(reason, copy.copyTo(container, "/", chunksOf(tarOf("file", "x")), aborted));
    const abort = new AbortController();
    const endless = copy.copyTo(container, "/", endlessly(), { signal: abort.signal });
    abort.abort(reason);
    await rejectsWithReason(reason, endless);
  });
}

/** For runtimes that have the capability `export` too. */
export function exportOfCopiesContract(promised: Promised): void {
  promised("all files are in an archive by their names below the root, whether it runs or has ended", async (stage) => {
    const running = await stage.run(stage.harness.programs.sleepForever);
    const ended = await stage.runToItsEnd(stage.harness.programs.exitWith(0));
    for (const container of [running, ended.meta.name]) {
      await withCopy(stage.runtime).copyTo(container, "/", chunksOf(tarOf("copied/in/file", "hello")));
      const archive = await collect(withExport(stage.runtime).exportFiles(container));
      // A name is at the beginning of its field, and a header at that of a block.
      const at = ["copied/", "copied/in/", "copied/in/file"].map((name) => archive.indexOf(`${name}\0`, 0, "latin1"));
      assertSame([at.includes(-1), at.map((offset) => offset % BLOCK)], [false, [0, 0, 0]]);
      strictEqual(textIn(archive.subarray(at[2]), 5), "hello");
      strictEqual(nameIn(archive).startsWith("."), false);
    }
  });

  promised(
    "NOT_FOUND for what does not exist, and the reason of an aborted signal",
    async ({ runtime, run, harness }) => {
      await rejectsWith("NOT_FOUND", collect(withExport(runtime).exportFiles("nothing")), ["nothing"]);
      const reason = new Error("changed my mind");
      const container = await run(harness.programs.sleepForever);
      const aborted = { signal: AbortSignal.abort(reason) };
      await rejectsWithReason(reason, collect(withExport(runtime).exportFiles(container, aborted)));
    },
  );
}

function nameIn(archive: Buffer): string {
  return archive.toString("utf8", 0, archive.indexOf(0));
}

function textIn(archive: Buffer, length: number): string {
  return archive.toString("utf8", BLOCK, BLOCK + length);
}

async function* endlessly(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(0));
  await new Promise(() => undefined);
}

function withCopy(runtime: Runtime): Runtime & Copy {
  if (!canCopy(runtime)) throw new Error("the runtime was declared to have the capability `copy`");
  return runtime;
}

function withExport(runtime: Runtime): Runtime & Export {
  if (!canExport(runtime)) throw new Error("the runtime was declared to have the capability `export`");
  return runtime;
}
