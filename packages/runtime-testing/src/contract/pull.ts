import { ok, strictEqual } from "node:assert/strict";
import type { PullProgress } from "@voiyd/runtime-api";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function pullContract(promised: Promised): void {
  promised("tells its progress, and is done last", async ({ harness, request, runtime }) => {
    const events: PullProgress[] = [];
    await runtime.pull(request(harness.programs.sleepForever), {
      onProgress: (progress) => {
        events.push(progress);
      },
    });
    const last = events.at(-1);
    strictEqual(last?.phase, "done");
    strictEqual(last.kind, "image");
    for (const { current, total, subject } of events) {
      ok(subject !== "", "every event has a subject");
      ok(
        current === undefined || total === undefined || current <= total,
        `${String(current)} of ${String(total)} bytes`,
      );
    }
  });

  promised("twice, and twice at once, is success", async ({ harness, request, runtime }) => {
    const one = request(harness.programs.sleepForever);
    await runtime.pull(one);
    await Promise.all([runtime.pull(one), runtime.pull(one)]);
    strictEqual((await runtime.run(one)).status.phase, "running");
  });

  promised("makes no container", async ({ harness, names, request, runtime }) => {
    await runtime.pull(request(harness.programs.sleepForever));
    strictEqual((await names()).length, 0);
  });

  promised("IMAGE_NOT_FOUND for an image that no registry has", async ({ harness, request, runtime }) => {
    const missing = request(harness.programs.sleepForever, { image: harness.missingImage });
    await rejectsWith("IMAGE_NOT_FOUND", runtime.pull(missing));
    await rejectsWith("IMAGE_NOT_FOUND", runtime.run(missing));
  });

  promised("INVALID_ARGUMENT for what is no reference", async ({ harness, request, runtime }) => {
    for (const image of ["", "not an image", "a//b", "UPPERCASE", "a@sha256:short", "a:b:c"]) {
      await rejectsWith("INVALID_ARGUMENT", runtime.pull(request(harness.programs.sleepForever, { image })));
    }
  });

  promised("rejects with the reason when it is aborted", async ({ harness, request, runtime }) => {
    const reason = new Error("changed my mind");
    const signal = AbortSignal.abort(reason);
    await rejectsWithReason(reason, runtime.pull(request(harness.programs.sleepForever), { signal }));
  });
}
