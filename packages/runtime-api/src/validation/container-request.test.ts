import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CONTAINER_VERSION } from "../constants.js";
import type { ContainerConfig, ContainerRequest } from "../container.js";
import { generateId } from "../id.js";
import { isRuntimeError, RuntimeError } from "../runtime-error.js";
import { assertContainerRequest } from "./container-request.js";

const FULL: ContainerConfig = {
  image: "nginx",
  entrypoint: ["/bin/sh"],
  args: ["-c", "echo hello", ""],
  envvars: [{ name: "A", value: "x" }],
  workingDir: "/srv",
  hostname: "web-1.example",
  mounts: [{ type: "tmpfs", destination: "/tmp" }],
  portMappings: [{ containerPort: 80, hostPort: 8080 }],
  user: "root",
  privileged: false,
  capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
  network: "default",
  resources: { memory: 6 * 1024 * 1024, cpus: 0.5, pids: -1 },
  readOnlyRootfs: true,
  noNewPrivileges: true,
  stopSignal: "SIGINT",
  stopTimeoutMs: Infinity,
};

function refusalOf(request: unknown): unknown {
  // The compiler is not there for callers in JavaScript: this is what they can hand over.
  const check: (request: never) => void = assertContainerRequest;
  try {
    Reflect.apply(check, undefined, [request]);
    return undefined;
  } catch (error) {
    return error;
  }
}

function refusedOption(config: unknown): unknown {
  const error = refusalOf({ meta: { name: "web" }, config });
  return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
}

describe("a container request", () => {
  test("may have everything, or next to nothing", () => {
    const requests: ContainerRequest[] = [
      { meta: { name: "web" }, config: { image: "nginx" } },
      { version: CONTAINER_VERSION, meta: { name: "web", labels: { role: "web" } }, config: FULL },
    ];
    for (const request of requests) expect(refusalOf(request)).toBeUndefined();
  });

  test("may be a whole container", () => {
    const now = new Date();
    const container = {
      version: CONTAINER_VERSION,
      meta: { name: "web", labels: {}, created: now, updated: now, revision: 3 },
      config: FULL,
      status: { phase: "exited", id: generateId(), exitCode: 1 },
    };
    expect(refusalOf(container)).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ["image", ""],
    ["image", undefined],
    ["entrypoint", ["a\0"]],
    ["args", ["a\0"]],
    ["args", "echo hello"],
    ["args", [1]],
    ["envvars", { A: "x" }],
    ["envvars", [null]],
    ["envvars", ["A=x"]],
    ["workingDir", "srv"],
    ["workingDir", "/srv/../etc"],
    ["hostname", ""],
    ["hostname", "-a"],
    ["hostname", "a_b"],
    ["hostname", "h".repeat(64)],
    ["mounts", {}],
    ["mounts", [undefined]],
    ["mounts[0].destination", [{ type: "tmpfs" }]],
    ["mounts[0].type", [{ type: "image", destination: "/x" }]],
    ["portMappings", [[]]],
    ["portMappings[0].containerPort", [{ containerPort: "80", hostPort: 80 }]],
    ["portMappings[0].protocol", [{ containerPort: 80, hostPort: 80, protocol: "icmp" }]],
    ["user", ""],
    ["user", 0],
    ["privileged", "yes"],
    ["capabilities", []],
    ["capabilities", { add: ["CAP_EVERYTHING"] }],
    ["capabilities.add", { add: "NET_ADMIN" }],
    ["network", "../x"],
    ["network", null],
    ["resources", 1],
    ["resources.memory", { memory: 6 * 1024 * 1024 - 1 }],
    ["resources.memory", { memory: "6m" }],
    ["resources.cpus", { cpus: 0 }],
    ["resources.cpus", { cpus: Infinity }],
    ["resources.pids", { pids: 0 }],
    ["resources.pids", { pids: -2 }],
    ["stopSignal", "SIGNAL"],
    ["stopSignal", 15],
    ["stopTimeoutMs", -1],
    ["stopTimeoutMs", NaN],
    ["stopTimeoutMs", "10"],
  ])("is refused for its %s of %j", (option, value) => {
    const [field = ""] = option.split(/[.[]/);
    expect(refusedOption({ image: "nginx", [field]: value })).toBe(option);
  });

  test.each(["none", "host"])("is refused for ports with network %s", (network) => {
    expect(refusedOption({ image: "nginx", network, portMappings: [{ containerPort: 80, hostPort: 80 }] })).toBe(
      "portMappings",
    );
  });

  test("is refused with a hint that says what is allowed", () => {
    const error = refusalOf({ meta: { name: "a/b" }, config: { image: "nginx" } });
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ message: 'name: "a/b" is not valid', details: { option: "name" } });
    expect(error).toHaveProperty("hint", expect.stringContaining("letters, digits"));
  });

  test("a refusal shows no variable's value, and no control character", () => {
    for (const config of [
      { envvars: [{ name: "A", value: "hunter2\0" }] },
      { hostname: "\u001b[31m\u009bx\u202e" },
      { user: "\u001b]52;c;x\u0007" },
    ]) {
      const error = refusalOf({ meta: { name: "web" }, config: { image: "nginx", ...config } });
      expect(isRuntimeError(error, "INVALID_ARGUMENT")).toBe(true);
      expect(String(error)).not.toMatch(/hunter2|[\p{Cc}\p{Cf}]/u);
    }
  });

  test("whatever it is, it is taken or refused with INVALID_ARGUMENT", () => {
    const anything = fc.anything({
      withNullPrototype: true,
      withSparseArray: true,
      withBigInt: true,
      withDate: true,
      withMap: true,
    });
    const config = fc.record(
      Object.fromEntries(
        Object.entries(FULL).map(([key, value]) => [key, fc.oneof(anything, fc.constant(value), fc.array(anything))]),
      ),
      { requiredKeys: [] },
    );
    const request = fc.record({
      meta: fc.oneof(anything, fc.record({ name: fc.oneof(anything, fc.constant("web")), labels: anything })),
      config,
    });
    fc.assert(
      fc.property(fc.oneof(anything, request), (value) => {
        const refusal = refusalOf(value);
        expect(refusal === undefined || isRuntimeError(refusal, "INVALID_ARGUMENT")).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("one wrong field in a right request is refused with INVALID_ARGUMENT, or right too", () => {
    const wrong = fc.anything({ withNullPrototype: true, withBigInt: true });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(FULL)), wrong, (field, value) => {
        const refusal = refusalOf({ meta: { name: "web" }, config: { ...FULL, [field]: value } });
        expect(refusal === undefined || isRuntimeError(refusal, "INVALID_ARGUMENT")).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
