import { describe, expect, test } from "@jest/globals";
import { ContainerdError, type ContainerdErrorCode } from "@voiyd/containerd-client";
import { mapTaskError } from "./task-error.js";

const PREFIX =
  "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
const daemon = (message: string, code: ContainerdErrorCode = "unknown"): ContainerdError =>
  new ContainerdError(code, message, { method: "Tasks/Create" });

describe("a task that could not be started, because the command", () => {
  test.each([
    ["nosuch", `${PREFIX}exec: "nosuch": executable file not found in $PATH: unknown`, "COMMAND_NOT_FOUND"],
    ["/nosuch", `${PREFIX}exec: "/nosuch": stat /nosuch: no such file or directory: unknown`, "COMMAND_NOT_FOUND"],
    ["/a:b", `${PREFIX}exec: "/a:b": stat /a:b: no such file or directory: unknown`, "COMMAND_NOT_FOUND"],
    [
      "/etc/passwd/x",
      `${PREFIX}exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory: unknown`,
      "COMMAND_NOT_FOUND",
    ],
    ["/script", "OCI runtime start failed: exec /script: no such file or directory: unknown", "COMMAND_NOT_FOUND"],
    ["/etc", `${PREFIX}exec: "/etc": is a directory: unknown`, "COMMAND_NOT_EXECUTABLE"],
    ["/etc/passwd", `${PREFIX}exec: "/etc/passwd": permission denied: unknown`, "COMMAND_NOT_EXECUTABLE"],
    ["/a:b", `${PREFIX}exec: "/a:b": permission denied: unknown`, "COMMAND_NOT_EXECUTABLE"],
    ["/script", "OCI runtime start failed: exec /script: exec format error: unknown", "COMMAND_NOT_EXECUTABLE"],
    [
      "nosuch",
      "OCI runtime create failed: executable file `nosuch` not found in $PATH: No such file or directory",
      "COMMAND_NOT_FOUND",
    ],
  ])("%s: %s", (command, message, code) => {
    const cause = daemon(message);
    expect(mapTaskError(cause, "web", [command, "secret-argument"])).toMatchObject({
      code,
      message: expect.stringContaining(`container web: the command ${JSON.stringify(command)}`),
      cause,
      details: { command },
    });
  });

  test("is named without its arguments, which can hold secrets", () => {
    const error = mapTaskError(daemon(`${PREFIX}exec: "x": executable file not found in $PATH`), "web", [
      "x",
      "hunter2",
    ]);
    expect(JSON.stringify(error, ["code", "message", "hint", "details"])).not.toContain("hunter2");
  });
});

describe("other reasons are what they are", () => {
  test.each<[string, ContainerdErrorCode, string]>([
    [
      `${PREFIX}chdir to cwd ("/nosuch") set in config.json failed: no such file or directory: unknown`,
      "unknown",
      "INTERNAL",
    ],
    [
      `${PREFIX}error during container init: error mounting "/a" to rootfs at "/b": stat /a: no such file or directory: unknown`,
      "unknown",
      "INTERNAL",
    ],
    [
      `${PREFIX}unable to apply cgroup configuration: mkdir /sys/fs/cgroup/x: no space left on device`,
      "unknown",
      "DISK_FULL",
    ],
    ["task web: already exists", "already_exists", "ALREADY_EXISTS"],
    ["the connection was cut", "unavailable", "UNAVAILABLE"],
  ])("%s", (message, code, expected) => {
    expect(mapTaskError(daemon(message, code), "web", ["sh"])).toMatchObject({ code: expected });
  });

  test("an abort's reason passes unchanged", () => {
    const reason = { why: "enough" };
    expect(mapTaskError(reason, "web", ["sh"])).toBe(reason);
  });
});
