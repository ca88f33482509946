import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ListContainerMessageSchema } from "../../gen/containerd/services/containers/v1/containers_pb.js";
import { ListTasksResponseSchema } from "../../gen/containerd/services/tasks/v1/tasks_pb.js";
import { Status } from "../../gen/containerd/v1/types/task_pb.js";
import { fastRead } from "./fast-read.js";

type Init = MessageInitShape<typeof ListContainerMessageSchema>;

const NAME = "containerd.services.containers.v1.ListContainerMessage";
const TASKS = "containerd.services.tasks.v1.ListTasksResponse";

const bytes = (): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength: 300 }).map((value) => Uint8Array.from(value));
// What begins with a mark of a byte order, or has the mark of what was no text, is left to the general reader.
const text = (): fc.Arbitrary<string> =>
  fc.string({ unit: "binary", maxLength: 200 }).filter((value) => !/^\ufeff|\ufffd|^__proto__$/.test(value));
const packed = fc.record({ typeUrl: text(), value: bytes() });
const timestamp = fc.record({
  seconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const dictionary = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
  fc.dictionary(text(), value, { maxKeys: 5, noNullPrototype: true });
const container = fc.record(
  {
    id: text(),
    labels: dictionary(text()),
    image: text(),
    runtime: fc.record({ name: text(), options: packed }, { requiredKeys: [] }),
    spec: packed,
    snapshotter: text(),
    snapshotKey: text(),
    createdAt: timestamp,
    updatedAt: timestamp,
    extensions: dictionary(packed),
    sandbox: text(),
  },
  { requiredKeys: [] },
);
const written = (init: Init): Uint8Array =>
  toBinary(ListContainerMessageSchema, create(ListContainerMessageSchema, init));

/** A field of bytes or of a message, as it is written. */
const field = (number: number, value: Uint8Array): Uint8Array =>
  Uint8Array.from([(number << 3) | 2, value.length, ...value]);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a container that is read fast", () => {
  test("is what the general reader makes of it", () => {
    fc.assert(
      fc.property(fc.option(container, { nil: undefined }), (found) => {
        const message = written(found === undefined ? {} : { container: found });
        expect(fastRead(NAME, message)).toEqual(fromBinary(ListContainerMessageSchema, message));
      }),
    );
  });

  test("as containerd writes it, is not left to the general reader", () => {
    const value = Buffer.alloc(10_000, "x");
    const init: Init = {
      container: {
        id: "a".repeat(64),
        labels: { "voiyd.name": "web", empty: "", "": "x" },
        image: "docker.io/library/nginx:latest",
        runtime: { name: "io.containerd.runc.v2", options: { typeUrl: "o", value } },
        spec: { typeUrl: "spec", value },
        snapshotter: "overlayfs",
        snapshotKey: "k",
        createdAt: { seconds: 1_790_000_000n, nanos: 5 },
        updatedAt: { seconds: 1_790_000_000n, nanos: 999_999_999 },
        extensions: { one: { typeUrl: "t", value } },
      },
    };
    expect(fastRead(NAME, written(init))).toEqual(create(ListContainerMessageSchema, init));
  });

  test.each([
    ["a field that is not known", field(1, field(30, utf8("x")))],
    ["a field without a number", field(1, Uint8Array.from([0, 0]))],
    ["a second container", Uint8Array.from([...field(1, field(1, utf8("a"))), ...field(1, field(3, utf8("b")))])],
    ["a second specification", field(1, Uint8Array.from([...field(5, field(1, utf8("a"))), ...field(5, utf8(""))]))],
    ["another type", field(1, Uint8Array.from([8, 1]))],
    ["an entry without a value", field(1, field(10, field(1, utf8("key"))))],
    [
      "a number of seconds that is too long",
      field(1, field(8, Uint8Array.from([8, ...Array.from({ length: 10 }, () => 0xff), 1]))),
    ],
    ["text that is no UTF-8", field(1, field(1, Uint8Array.from([0xff])))],
  ])("%s is left to the general reader", (_, message) => {
    expect(fastRead(NAME, message)).toBeUndefined();
  });

  test("a name that is JavaScript's own changes no object", () => {
    const entry = Uint8Array.from([...field(1, utf8("__proto__")), ...field(2, utf8("x"))]);
    expect(fastRead(NAME, field(1, field(2, entry)))).toBeUndefined();
  });

  test("whatever comes is read as by the general reader, or left to it", () => {
    fc.assert(
      fc.property(container, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (found, place, byte, cut) => {
        const message = written({ container: found });
        const at = place % message.length;
        message[at] = byte;
        const broken = cut ? message.subarray(0, at) : message;
        const read = fastRead(NAME, broken);
        if (read !== undefined) expect(read).toEqual(fromBinary(ListContainerMessageSchema, broken));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a list of tasks that is read fast", () => {
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const task = fc.record(
    {
      containerId: text(),
      id: text(),
      pid: uint32,
      status: fc.constantFrom(...Object.values(Status)),
      stdin: text(),
      stdout: text(),
      stderr: text(),
      terminal: fc.boolean(),
      exitStatus: uint32,
      exitedAt: timestamp,
    },
    { requiredKeys: [] },
  );
  const list = fc.array(task, { maxLength: 4 });
  const binary = (tasks: MessageInitShape<typeof ListTasksResponseSchema>["tasks"]): Uint8Array =>
    toBinary(ListTasksResponseSchema, create(ListTasksResponseSchema, tasks === undefined ? {} : { tasks }));

  test("is what the general reader makes of it", () => {
    fc.assert(
      fc.property(list, (tasks) => {
        const message = binary(tasks);
        expect(fastRead(TASKS, message)).toEqual(fromBinary(ListTasksResponseSchema, message));
      }),
    );
  });

  test("whatever comes is read as by the general reader, or left to it", () => {
    fc.assert(
      fc.property(list, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (tasks, place, byte, cut) => {
        const message = binary(tasks);
        const at = message.length === 0 ? 0 : place % message.length;
        if (message.length > 0) message[at] = byte;
        const broken = cut ? message.subarray(0, at) : message;
        const read = fastRead(TASKS, broken);
        if (read !== undefined) expect(read).toEqual(fromBinary(ListTasksResponseSchema, broken));
      }),
      { numRuns: 500 },
    );
  });

  test("as containerd writes it, with Go's zero time, is not left to the general reader", () => {
    const exitedAt = { seconds: -62_135_596_800n, nanos: 0 };
    expect(fastRead(TASKS, binary([{ id: "web", pid: 7, status: Status.RUNNING, exitedAt }]))).toBeDefined();
  });

  test("a state that is not known is left to the general reader", () => {
    expect(fastRead(TASKS, field(1, Uint8Array.from([0x20, 0x63])))).toBeUndefined();
  });
});

test("other messages are left to the general reader", () => {
  expect(fastRead("containerd.types.Mount", new Uint8Array())).toBeUndefined();
});
