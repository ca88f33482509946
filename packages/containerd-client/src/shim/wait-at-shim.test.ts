import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WaitResponseSchema } from "../gen/containerd/services/tasks/v1/tasks_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { decodeResponse } from "./ttrpc-message.js";
import { waitAtShim } from "./wait-at-shim.js";

let folder = "";
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-shim-"));
});

afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

function frame(message: Uint8Array, { stream = 1, type = 2, length = message.length } = {}): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(stream, 4);
  header.writeUInt8(type, 8);
  return Buffer.concat([header, message]);
}

const exit = (exitStatus: number): Uint8Array =>
  new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .bytes(toBinary(WaitResponseSchema, create(WaitResponseSchema, { exitStatus, exitedAt: { seconds: 5n } })))
    .finish();
const refusal = (code: number, message: string): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(toBinary(StatusSchema, create(StatusSchema, { code, message })))
    .finish();

/** A shim that answers by the service that it is asked for, in pieces of a few bytes. */
async function shim(answer: (service: string) => Buffer | undefined): Promise<string> {
  const path = join(folder, "s");
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      const reader = new BinaryReader(request.subarray(10));
      reader.tag();
      const bytes = answer(reader.string());
      if (bytes === undefined) socket.destroy();
      else for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.subarray(at, at + 7));
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return path;
}

const never = new AbortController().signal;

describe("waitAtShim", () => {
  test("the exit that the shim tells", async () => {
    const socket = await shim(() => frame(exit(7)));
    expect(await waitAtShim(socket, "a", never)).toMatchObject({ exitStatus: 7, exitedAt: { seconds: 5n } });
  });

  test("a shim that knows the older service alone is asked for that", async () => {
    const socket = await shim((service) => frame(service.includes("v3") ? refusal(12, "no such service") : exit(3)));
    expect(await waitAtShim(socket, "a", never)).toMatchObject({ exitStatus: 3 });
  });

  test("a refusal is an error of its code", async () => {
    const socket = await shim(() => frame(refusal(5, "container not created")));
    await expect(waitAtShim(socket, "a", never)).rejects.toMatchObject({
      code: "not_found",
      message: "container not created",
    });
  });

  test("no shim, one that hangs up, and one that answers something else", async () => {
    await expect(waitAtShim(join(folder, "absent"), "a", never)).rejects.toMatchObject({ code: "ENOENT" });
    const socket = await shim(() => undefined);
    await expect(waitAtShim(socket, "a", never)).rejects.toThrow("closed before the answer");
  });

  test("answers that are none", () => {
    expect(() => decodeResponse(frame(exit(1), { stream: 3 }))).toThrow("no answer to this request");
    expect(() => decodeResponse(frame(exit(1), { type: 1 }))).toThrow("no answer to this request");
    expect(() => decodeResponse(frame(exit(1), { length: 0xffffffff }))).toThrow("longer than ttrpc allows");
    expect(decodeResponse(frame(exit(1)).subarray(0, -1))).toBeUndefined();
  });

  test("whatever arrives is an answer, not yet one, or an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        try {
          decodeResponse(frame(message));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  test("an abort ends the wait", async () => {
    const socket = await shim(() => Buffer.alloc(0));
    const abort = new AbortController();
    const waiting = waitAtShim(socket, "a", abort.signal);
    setTimeout(() => {
      abort.abort(new Error("enough"));
    }, 20);
    await expect(waiting).rejects.toThrow("enough");
    await expect(waitAtShim(socket, "a", AbortSignal.abort(new Error("early")))).rejects.toThrow("early");
  });
});
