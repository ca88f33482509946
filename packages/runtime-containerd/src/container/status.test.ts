import { describe, expect, test } from "@jest/globals";
import { generateId } from "@voiyd/runtime-api";
import type { TaskState } from "../task/task-state.js";
import type { ContainerRecord } from "./container-store.js";
import type { RecordPhase } from "./phase.js";
import { describe as describeContainer, statusOf } from "./status.js";
import { storedFromRequest } from "./stored-container.js";

const id = generateId();
const stored = storedFromRequest({ meta: { name: "web" }, config: { image: "app" } }, new Date(0));

function record(phase: RecordPhase | undefined, more: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    id,
    name: "web",
    image: "docker.io/library/app:latest",
    labels: {},
    phase,
    instance: undefined,
    snapshotter: "overlayfs",
    snapshotKey: id,
    stored: () => stored,
    spec: () => undefined,
    exit: undefined,
    supervised: false,
    stopped: false,
    restart: undefined,
    health: undefined,
    network: {},
    ...more,
  };
}

type Kind = TaskState["kind"] | "silent";
function task(kind: Kind, exit: { exitStatus?: number; seconds?: bigint } = {}): TaskState | undefined {
  if (kind === "silent") return undefined;
  if (kind === "none" || kind === "shim-only") return { kind };
  const { exitStatus = 0, seconds = 0n } = exit;
  return {
    kind,
    process: {
      $typeName: "containerd.v1.types.Process",
      containerId: id,
      id: "",
      pid: 77,
      status: 0,
      stdin: "",
      stdout: "",
      stderr: "",
      terminal: false,
      exitStatus,
      exitedAt: { $typeName: "google.protobuf.Timestamp", seconds, nanos: 0 },
    },
  };
}

describe("the phase of a container", () => {
  const kinds: readonly Kind[] = ["none", "shim-only", "created", "running", "paused", "stopped", "unknown", "silent"];
  // In the order of the kinds above.
  test.each<[RecordPhase | undefined, readonly string[]]>([
    ["creating", ["creating", "creating", "creating", "running", "paused", "exited", "unknown", "unknown"]],
    ["running", ["exited", "exited", "created", "running", "paused", "exited", "unknown", "unknown"]],
    ["deleting", kinds.map(() => "deleting")],
    [undefined, ["exited", "exited", "created", "running", "paused", "exited", "unknown", "unknown"]],
  ])("whose record says %j", (phase, expected) => {
    expect(kinds.map((kind) => statusOf(record(phase), task(kind)).phase)).toEqual(expected);
  });
});

describe("the status of a container", () => {
  test("has a process while that lives", () => {
    for (const kind of ["created", "running", "paused"] as const)
      expect(statusOf(record("running"), task(kind)).pid).toBe(77);
    for (const kind of ["stopped", "none", "unknown", "silent"] as const) {
      expect(statusOf(record("running"), task(kind))).not.toHaveProperty("pid");
    }
  });

  test("has the exit of a stopped task", () => {
    expect(statusOf(record("running"), task("stopped", { exitStatus: 3, seconds: 1000n }))).toEqual({
      id,
      phase: "exited",
      exitCode: 3,
      exitedAt: new Date(1_000_000),
    });
  });

  test("prefers the exit on record, which knows more", () => {
    const exit = { exitCode: 137, exitedAt: new Date(5), oomKilled: true };
    expect(statusOf(record("running", { exit }), task("stopped", { exitStatus: 1, seconds: 1n }))).toMatchObject(exit);
    expect(statusOf(record("running", { exit }), task("none"))).toMatchObject(exit);
  });

  test("invents no exit code where nobody knows one", () => {
    expect(statusOf(record("running"), task("none"))).toEqual({ id, phase: "exited" });
    expect(statusOf(record("running"), task("stopped"))).toEqual({ id, phase: "exited" });
    expect(statusOf(record("running", { exit: { exitCode: "unknown" } }), task("none"))).toEqual({
      id,
      phase: "exited",
    });
  });

  test("does not show the exit of an earlier process while one runs", () => {
    expect(statusOf(record("running", { exit: { exitCode: 1 } }), task("running"))).not.toHaveProperty("exitCode");
  });

  test("says what is wrong", () => {
    expect(statusOf(record("deleting"), task("none")).error).toContain("delete it again");
    expect(statusOf(record("running"), undefined).error).toContain("did not answer");
    expect(statusOf(record("running"), task("running"))).not.toHaveProperty("error");
  });

  test("has the network of its record", () => {
    const network = {
      ip: "10.69.0.2",
      ports: [{ hostPort: 1, containerPort: 2 }],
      startedAt: "2026-01-02T03:04:05.000Z",
    };
    expect(statusOf(record("running", { network }), task("running"))).toMatchObject({
      ip: "10.69.0.2",
      ports: network.ports,
      startedAt: new Date(network.startedAt),
    });
  });
});

test("a container is what is stored, with its status", () => {
  expect(describeContainer(record("running"), task("running"))).toEqual({
    ...stored,
    status: { id, phase: "running", pid: 77 },
  });
});
