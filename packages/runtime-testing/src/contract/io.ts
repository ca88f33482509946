import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";
import { bytesOf, readUntil, textsOf } from "./streams.js";

/** No newline at its end, several bytes a character, control characters, and more than a pipe or a file buffer holds. */
const AWKWARD = `first\n\n\ttab \u001b[31mred\u0007 ✓ 容器 \r\n${"0123456789abcdef".repeat(4096)} end`;

export function ioContract(promised: Promised): void {
  promised("keeps the two streams apart, byte for byte", async ({ harness, runtime, runToItsEnd }) => {
    const { status } = await runToItsEnd(harness.programs.print(AWKWARD, "errors, without newline"));
    // Followed first: only then is it certain that everything has arrived.
    for (const follow of [true, false]) {
      const { stdout, stderr } = await runtime.io(status.id, { follow });
      const [out, err] = await Promise.all([bytesOf(stdout), bytesOf(stderr)]);
      deepStrictEqual(Buffer.from(out).toString("latin1"), Buffer.from(AWKWARD).toString("latin1"));
      strictEqual(Buffer.from(err).toString(), "errors, without newline");
    }
  });

  promised("a container that writes nothing has two empty streams", async ({ harness, runtime, runToItsEnd }) => {
    const { meta } = await runToItsEnd(harness.programs.exitWith(0));
    assertSame(await textsOf(await runtime.io(meta.name, { follow: true })), { stdout: "", stderr: "" });
    assertSame(await textsOf(await runtime.io(meta.name)), { stdout: "", stderr: "" });
  });

  promised("without follow ends at what has been written, while the process lives", async (stage) => {
    const { harness, runtime } = stage;
    const { meta, status } = await stage.run(harness.programs.printThenSleep("here\n", "there\n"));
    const following = await runtime.io(meta.name, { follow: true });
    for (const [stream, text] of [
      [following.stdout, "here\n"],
      [following.stderr, "there\n"],
    ] as const) {
      const reader = stream.getReader();
      await readUntil(reader, text);
      await reader.cancel();
    }
    assertSame(await textsOf(await runtime.io(meta.name)), { stdout: "here\n", stderr: "there\n" });
    strictEqual((await runtime.get(status.id)).status.phase, "running");
  });

  promised("with follow goes on until the process has ended", async ({ harness, runtime, run }) => {
    const { meta } = await run(harness.programs.printOnTerm("before", "after"));
    const { stdout, stderr } = await runtime.io(meta.name, { follow: true });
    const reader = stdout.getReader();
    const start = await readUntil(reader, "before");
    reader.releaseLock();
    await runtime.stop(meta.name, { timeoutMs: Infinity });
    const rest = await textsOf({ stdout, stderr });
    strictEqual(start + rest.stdout, "beforeafter");
    strictEqual(rest.stderr, "");
  });

  promised("readers do not take each other's bytes", async ({ harness, runtime, run, untilExited }) => {
    const { meta, status } = await run(harness.programs.print("for everybody", ""));
    const readers = Array.from({ length: 3 }, async () => textsOf(await runtime.io(meta.name, { follow: true })));
    const texts = (await Promise.all(readers)).map(({ stdout }) => stdout);
    assertSame(texts, ["for everybody", "for everybody", "for everybody"]);
    await untilExited(status.id);
  });

  promised("a cancelled stream disturbs neither the other nor the container", async ({ harness, runtime, run }) => {
    const { meta } = await run(harness.programs.printOnTerm("before", "after"));
    const first = await runtime.io(meta.name, { follow: true });
    await first.stdout.cancel();
    const second = await runtime.io(meta.name, { follow: true });
    const reader = second.stdout.getReader();
    await readUntil(reader, "before");
    await Promise.all([reader.cancel(), second.stderr.cancel()]);
    strictEqual((await runtime.get(meta.name)).status.phase, "running");
    await runtime.stop(meta.name, { timeoutMs: Infinity });
    assertSame((await bytesOf(first.stderr)).byteLength, 0);
    strictEqual((await runtime.get(meta.name)).status.exitCode, 0);
  });

  promised("an abort ends a followed stream with the reason", async ({ harness, runtime, run }) => {
    const { meta } = await run(harness.programs.printThenSleep("here", ""));
    const abort = new AbortController();
    const reason = new Error("seen enough");
    const { stdout, stderr } = await runtime.io(meta.name, { follow: true, signal: abort.signal });
    const reader = stdout.getReader();
    await readUntil(reader, "here");
    const ends = [rejectsWithReason(reason, reader.read()), rejectsWithReason(reason, bytesOf(stderr))];
    abort.abort(reason);
    await Promise.all(ends);
    strictEqual((await runtime.get(meta.name)).status.phase, "running");
  });

  promised("delete ends a followed stream", async ({ harness, runtime, run }) => {
    const { meta } = await run(harness.programs.printThenSleep("here", ""));
    const { stdout, stderr } = await runtime.io(meta.name, { follow: true });
    const reader = stdout.getReader();
    await readUntil(reader, "here");
    await runtime.delete(meta.name);
    strictEqual((await reader.read()).done, true);
    strictEqual((await bytesOf(stderr)).byteLength, 0);
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", runtime.io("nothing"), ["nothing"]);
    await rejectsWith("NOT_FOUND", runtime.io("nothing", { follow: true }), ["nothing"]);
  });
}
