import { describe, expect, test } from "@jest/globals";
import { ContainerdError, type ContainerdErrorCode } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import { mapError, mapped } from "./map-error.js";

const daemon = (code: ContainerdErrorCode, message: string, hint?: string): ContainerdError =>
  new ContainerdError(code, message, { method: "m", ...(hint === undefined ? {} : { hint }) });

describe("an error of containerd", () => {
  // reliability.md §2.1: what containerd 1.6 really answers.
  test.each<[ContainerdErrorCode, string, string]>([
    ["not_found", 'container "x" in namespace "voiyd": not found', "NOT_FOUND"],
    ["already_exists", 'container "e1": already exists', "ALREADY_EXISTS"],
    ["invalid_argument", "label key and value greater than maximum size (4096 bytes)", "INVALID_ARGUMENT"],
    ["failed_precondition", "cannot remove snapshot with child: failed precondition", "FAILED_PRECONDITION"],
    ["failed_precondition", "namespace is required", "FAILED_PRECONDITION"],
    ["out_of_range", "must occur at current offset 7", "FAILED_PRECONDITION"],
    ["unavailable", "ref layer-sha256:0 locked for 3s", "UNAVAILABLE"],
    ["deadline_exceeded", "context deadline exceeded", "TIMEOUT"],
    ["resource_exhausted", "trying to send message larger than max (17000000 vs. 16777216)", "RESOURCE_EXHAUSTED"],
    ["permission_denied", "the socket may not be opened", "PERMISSION_DENIED"],
    ["unauthenticated", "no", "PERMISSION_DENIED"],
    ["unimplemented", "unknown service containerd.services.mounts.v1.Mounts", "UNIMPLEMENTED"],
    ["data_loss", "bad", "DATA_LOSS"],
    ["aborted", "try again", "UNAVAILABLE"],
    ["canceled", "context canceled", "UNAVAILABLE"],
    ["internal", "panic", "INTERNAL"],
    ["unknown", "ttrpc: closed: unknown", "INTERNAL"],
    [
      "unknown",
      "write /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db: no space left on device",
      "DISK_FULL",
    ],
    ["failed_precondition", "failed to copy: No space left on device", "DISK_FULL"],
    ["unknown", "write: disk quota exceeded", "DISK_FULL"],
    [
      "unknown",
      'failed to start shim: failed to resolve runtime path: runtime "io.x.v2" binary not installed',
      "UNIMPLEMENTED",
    ],
    ["unknown", "cannot delete a running process: unknown", "FAILED_PRECONDITION"],
    ["unknown", "cannot delete a paused process: unknown", "FAILED_PRECONDITION"],
    ["unknown", "cannot start a running process: unknown", "FAILED_PRECONDITION"],
    ["unknown", "cannot pause a paused container: unknown", "FAILED_PRECONDITION"],
    ["unknown", "cannot exec in a stopped state: unknown", "FAILED_PRECONDITION"],
    [
      "unknown",
      "failed to start shim: mkdir /run/containerd/io.containerd.runtime.v2.task/voiyd/e1: file exists",
      "ALREADY_EXISTS",
    ],
  ])("%s %j is %s", (code, message, expected) => {
    const cause = daemon(code, message);
    const error = mapError(cause, "container web");
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ code: expected, message: `container web: ${message}`, cause });
  });

  test("keeps its hint, unless there is a better one", () => {
    expect(mapError(daemon("unavailable", "away", "start it"), "x")).toMatchObject({ hint: "start it" });
    expect(mapError(daemon("unknown", "no space left on device"), "x")).toMatchObject({
      hint: expect.stringContaining("disk"),
    });
    expect(mapError(daemon("internal", "panic"), "x")).toMatchObject({ hint: undefined });
  });
});

describe("an error of the system", () => {
  test.each([
    ["ENOSPC", "DISK_FULL"],
    ["EDQUOT", "DISK_FULL"],
    ["EACCES", "PERMISSION_DENIED"],
    ["EPERM", "PERMISSION_DENIED"],
    ["EMFILE", "RESOURCE_EXHAUSTED"],
    ["ENFILE", "RESOURCE_EXHAUSTED"],
    ["ENOMEM", "RESOURCE_EXHAUSTED"],
  ])("%s is %s", (code, expected) => {
    const cause = Object.assign(new Error(`${code}: open '/x'`), { code });
    expect(mapError(cause, "logs of container web")).toMatchObject({
      code: expected,
      message: `logs of container web: ${code}: open '/x'`,
      cause,
    });
  });

  test("of another realm, where it is no Error, is mapped too", () => {
    expect(mapError({ code: "ENOSPC", message: "full" }, "x")).toMatchObject({ code: "DISK_FULL", message: "x: full" });
    expect(mapError({ code: "ENOSPC" }, "x")).toMatchObject({ code: "DISK_FULL", message: "x: ENOSPC" });
  });
});

test.each([
  ["an error of ours", new RuntimeError("NAME_IN_USE", "m")],
  ["an abort's reason", new DOMException("aborted", "AbortError")],
  ["a defect", new TypeError("defect")],
  ["a code that means something to JavaScript", Object.assign(new Error("x"), { code: "constructor" })],
  ["undefined", undefined],
  ["null", null],
  ["text", "text"],
])("%s passes unchanged", async (_what, reason) => {
  expect(mapError(reason, "x")).toBe(reason);
  await expect(mapped("x", () => Promise.reject(reason))).rejects.toBe(reason);
});

test("a step that succeeds is what it is", async () => {
  await expect(mapped("x", async () => 3)).resolves.toBe(3);
});
