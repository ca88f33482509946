import { describe, expect, test } from "@jest/globals";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { Content, WriteContentResponseSchema } from "../gen/containerd/services/content/v1/content_pb.js";
import {
  connect,
  LEAN,
  outcomeOf,
  piece,
  reading,
  SUBJECTS,
  unary,
  WITH_INTERCEPTOR,
} from "../testing/grpc-subjects.js";
import type { RawCall } from "../testing/raw-grpc-server.js";

const ACK = toBinary(WriteContentResponseSchema, create(WriteContentResponseSchema, { offset: 1n }));

/** Something that a test waits for. */
function signalOf<T>(): { readonly happened: Promise<T>; readonly happen: (value: T) => void } {
  let happen: (value: T) => void = () => undefined;
  const happened = new Promise<T>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

/** Answers every chunk of the request with a message. */
async function pingPong(call: RawCall): Promise<void> {
  call.respond();
  while ((await call.read()) !== undefined) call.message(ACK);
  call.end();
}

/** Answers once, and tells how the client closed the stream. */
function cancelled(server: { happen: (code: number) => void }, message: Uint8Array): (call: RawCall) => Promise<void> {
  return async (call) => {
    call.respond();
    call.message(message);
    server.happen(await call.closed());
  };
}

async function* forever(onEnd: () => void): AsyncGenerator<{ data: Uint8Array }> {
  try {
    for (;;) yield { data: new Uint8Array(16 * 1024) };
  } finally {
    onEnd();
  }
}

const CANCEL = 8;

describe.each(SUBJECTS)("a conversation over the transport $name", (subject) => {
  test("each side speaks when the other has spoken", async () => {
    const transport = await connect(subject, pingPong);
    const spoken: string[] = [];
    let hear = signalOf<undefined>();
    const requests = async function* (): AsyncGenerator<{ offset: bigint }> {
      for (let turn = 0; turn < 5; turn++) {
        spoken.push("ping");
        yield { offset: BigInt(turn) };
        await hear.happened;
        hear = signalOf();
      }
    };
    for await (const { offset } of createClient(Content, transport).write(requests())) {
      spoken.push(`pong ${String(offset)}`);
      hear.happen(undefined);
    }
    expect(spoken).toEqual(Array.from({ length: 5 }, () => ["ping", "pong 1"]).flat());
  });

  test("the server goes on answering when the request has ended", async () => {
    const transport = await connect(subject, async (call) => {
      call.respond();
      while ((await call.read()) !== undefined);
      for (let turn = 0; turn < 3; turn++) call.message(ACK);
      call.end();
    });
    const answers: bigint[] = [];
    const one = async function* (): AsyncGenerator<{ offset: bigint }> {
      yield { offset: 0n };
    };
    for await (const { offset } of createClient(Content, transport).write(one())) answers.push(offset);
    expect(answers).toEqual([1n, 1n, 1n]);
  });

  test("the request stops when the server has ended the call", async () => {
    const transport = await connect(subject, async (call) => {
      call.respond();
      await call.read();
      call.message(ACK);
      call.end();
    });
    const ended = signalOf<undefined>();
    const requests = forever(() => {
      ended.happen(undefined);
    });
    for await (const { offset } of createClient(Content, transport).write(requests)) expect(offset).toBe(1n);
    await ended.happened;
  });

  test("a request that fails ends the call and is the cause", async () => {
    const server = signalOf<number>();
    const transport = await connect(subject, async (call) => {
      call.respond();
      server.happen(await call.closed());
    });
    const broken = new Error("the disk is gone");
    const requests = async function* (): AsyncGenerator<{ offset: bigint }> {
      yield { offset: 0n };
      throw broken;
    };
    const reason = await drain(transport, requests()).catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(ConnectError);
    expect(reason).toMatchObject({ code: Code.Internal, cause: broken });
    expect(await server.happened).not.toBe(0);
  });

  test("a request is made no faster than the server reads it", async () => {
    const controller = new AbortController();
    const transport = await connect(subject, (call) => {
      call.respond();
    });
    let made = 0;
    const stalled = signalOf<undefined>();
    const requests = async function* (): AsyncGenerator<{ data: Uint8Array }> {
      for (;;) {
        made++;
        // The windows of the connection are full long before this: 64 MiB.
        if (made > 4096) stalled.happen(undefined);
        yield { data: new Uint8Array(16 * 1024) };
      }
    };
    const work = outcomeOf(drain(transport, requests(), controller.signal));
    let before: number;
    do {
      before = made;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    } while (made !== before && made <= 4096);
    expect(made).toBeLessThan(4096);
    controller.abort();
    expect(await work).toBe("ConnectError Canceled");
  });
});

describe.each([LEAN, WITH_INTERCEPTOR])(
  "what Connect's own transport does not do, over the transport $name",
  (subject) => {
    test.each([
      ["a unary call", unary],
      ["a stream", reading],
    ] as const)("aborting %s tells the server to cancel", async (_, call) => {
      const server = signalOf<number>();
      const arrived = signalOf<undefined>();
      const transport = await connect(subject, async (received) => {
        arrived.happen(undefined);
        server.happen(await received.closed());
      });
      const controller = new AbortController();
      const work = outcomeOf(call(transport, { signal: controller.signal }));
      await arrived.happened;
      controller.abort();
      expect(await work).toBe("ConnectError Canceled");
      expect(await server.happened).toBe(CANCEL);
    });

    test("ending an iteration early cancels the call, and ends the request", async () => {
      const server = signalOf<number>();
      const ended = signalOf<undefined>();
      const transport = await connect(subject, cancelled(server, ACK));
      const input = forever(() => {
        ended.happen(undefined);
      });
      const { message } = await transport.stream(Content.method.write, undefined, undefined, undefined, input);
      for await (const { offset } of message) {
        expect(offset).toBe(1n);
        break;
      }
      expect(await server.happened).toBe(CANCEL);
      await ended.happened;
    });

    test("ending an iteration cancels the call even while a read waits", async () => {
      const server = signalOf<number>();
      const transport = await connect(subject, cancelled(server, piece("a")));
      const { message } = await transport.stream(Content.method.read, undefined, undefined, undefined, oneRequest());
      const messages = message[Symbol.asyncIterator]();
      await messages.next();
      const waiting = outcomeOf(messages.next());
      await messages.return?.();
      expect(await server.happened).toBe(CANCEL);
      await waiting;
    });

    test("messages wait in the server until they are asked for", async () => {
      let sent = 0;
      const transport = await connect(subject, (call) => {
        call.respond();
        const more = (): void => {
          while (sent < 4096 && call.stream.writable) {
            sent++;
            call.message(new Uint8Array(0));
            call.message(piece("x".repeat(16 * 1024)));
            if (call.stream.writableNeedDrain) {
              call.stream.once("drain", more);
              return;
            }
          }
        };
        more();
      });
      const { message } = await transport.stream(Content.method.read, undefined, undefined, undefined, oneRequest());
      let before: number;
      do {
        before = sent;
        for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      } while (sent !== before && sent < 4096);
      expect(sent).toBeLessThan(4096);
      await message[Symbol.asyncIterator]().return?.();
    });
  },
);

async function drain(
  transport: Transport,
  requests: AsyncIterable<{ offset?: bigint; data?: Uint8Array }>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { offset } of createClient(Content, transport).write(
    requests,
    signal === undefined ? {} : { signal },
  )) {
    expect(offset).toBeDefined();
  }
}

async function* oneRequest(): AsyncGenerator<Record<string, never>> {
  yield {};
}
