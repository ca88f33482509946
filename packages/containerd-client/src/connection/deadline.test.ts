import { describe, expect, test } from "@jest/globals";
import type { DescMethod } from "@bufbuild/protobuf";
import { Containers } from "../gen/containerd/services/containers/v1/containers_pb.js";
import { Content } from "../gen/containerd/services/content/v1/content_pb.js";
import { Diff } from "../gen/containerd/services/diff/v1/diff_pb.js";
import { Events } from "../gen/containerd/services/events/v1/events_pb.js";
import { Controller } from "../gen/containerd/services/sandbox/v1/sandbox_pb.js";
import { Tasks } from "../gen/containerd/services/tasks/v1/tasks_pb.js";
import { Transfer } from "../gen/containerd/services/transfer/v1/transfer_pb.js";
import { Version } from "../gen/containerd/services/version/v1/version_pb.js";
import { DEFAULT_TIMEOUT_MS, deadlineOf, methodName } from "./deadline.js";

describe("the deadline of a call", () => {
  test.each<[string, DescMethod]>([
    ["Version/Version", Version.method.version],
    ["Containers/Create", Containers.method.create],
    ["Tasks/Create", Tasks.method.create],
    ["Tasks/Delete", Tasks.method.delete],
    ["Content/Info", Content.method.info],
  ])("%s is short", (_name, method) => {
    expect(deadlineOf(method, undefined)).toBe(DEFAULT_TIMEOUT_MS);
  });

  test.each<[string, DescMethod]>([
    ["Tasks/Wait", Tasks.method.wait],
    ["Tasks/Checkpoint", Tasks.method.checkpoint],
    ["Diff/Apply", Diff.method.apply],
    ["Diff/Diff", Diff.method.diff],
    ["Transfer/Transfer", Transfer.method.transfer],
    ["Controller/Wait", Controller.method.wait],
    ["Events/Subscribe, a stream", Events.method.subscribe],
    ["Content/Write, a stream", Content.method.write],
    ["Content/Read, a stream", Content.method.read],
    ["Containers/ListStream, a stream", Containers.method.listStream],
  ])("%s has none of its own", (_name, method) => {
    expect(deadlineOf(method, undefined)).toBeUndefined();
  });

  test.each<[string, DescMethod]>([
    ["a short call", Version.method.version],
    ["a long call", Tasks.method.wait],
    ["a stream", Events.method.subscribe],
  ])("what the caller says wins for %s", (_name, method) => {
    expect(deadlineOf(method, 7)).toBe(7);
    expect(deadlineOf(method, 0)).toBe(0);
  });

  test("a method is named as on the wire", () => {
    expect(methodName(Tasks.method.wait)).toBe("containerd.services.tasks.v1.Tasks/Wait");
  });
});
