import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ListContainerMessageSchema } from "../../gen/containerd/services/containers/v1/containers_pb.js";
import { fastRead } from "./fast-read.js";

type Init = MessageInitShape<typeof ListContainerMessageSchema>;

const NAME = "containerd.services.containers.v1.ListContainerMessage";
const SECONDS = 2 ** 48;

const bytes = (): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength: 300 }).map((value) => Uint8Array.from(value));
const text = (): fc.Arbitrary<string> => fc.string({ unit: "binary", maxLength: 200 });
const any = fc.record({ typeUrl: text(), value: bytes() });
const timestamp = fc.record({
  seconds: fc.integer({ min: 0, max: SECONDS }).map(BigInt),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});
const dictionary = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
  fc.dictionary(text(), value, { maxKeys: 5, noNullPrototype: true });
const container = fc.record(
  {
    id: text(),
    labels: dictionary(text()),
    image: text(),
    runtime: fc.record({ name: text(), options: any }, { requiredKeys: [] }),
    spec: any,
    snapshotter: text(),
    snapshotKey: text(),
    createdAt: timestamp,
    updatedAt: timestamp,
    extensions: dictionary(any),
    sandbox: text(),
  },
  { requiredKeys: [] },
);
const written = (init: Init): Uint8Array => toBinary(ListContainerMessageSchema, create(ListContainerMessageSchema, init));

/** A field of bytes or of a message, as it is written. */
const field = (number: number, value: Uint8Array): Uint8Array => Uint8Array.from([(number << 3) | 2, value.length, ...value]);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a container that is read fast", () => {
  test("is what the general reader makes of it", () => {
    fc.assert(
      fc.property(fc.option(container, { nil: undefined }), (found) => {
        const message = written(found === undefined ? {} : { container: found });
        const read = fastRead(NAME, message);
        // A mark of a byte order at the beginning of a text is the one thing here that it leaves to the general reader.
        if (read !== undefined) expect(read).toEqual(fromBinary(ListContainerMessageSchema, message));
        else expect(Buffer.from(message).includes(utf8("\ufeff")) || Buffer.from(message).includes(utf8("\ufffd"))).toBe(true);
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
    ["a time before 1970", field(1, field(8, Uint8Array.from([8, ...Array.from({ length: 9 }, () => 0xff), 1])))],
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

test("other messages are left to the general reader", () => {
  expect(fastRead("containerd.types.Mount", new Uint8Array())).toBeUndefined();
});
