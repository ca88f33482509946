import { afterEach } from "@jest/globals";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { SocketSession } from "../connection/socket-session.js";
import { Content, ReadContentResponseSchema } from "../gen/containerd/services/content/v1/content_pb.js";
import { Version, VersionResponseSchema } from "../gen/containerd/services/version/v1/version_pb.js";
import { createGenericTransport } from "../grpc/generic-transport.js";
import { createLeanTransport } from "../grpc/lean-transport.js";
import { type RawCall, startRawGrpcServer } from "./raw-grpc-server.js";

/** The limit that the subjects put on messages. */
export const MAX_BYTES: number = 64 * 1024;

/** A transport under test. */
export interface Subject {
  readonly name: string;
  /** The transport to a socket, and what ends its connection. */
  open(
    address: string,
    interceptors?: readonly Interceptor[],
  ): { readonly transport: Transport; readonly close: () => void };
}

const LIMITS = { readMaxBytes: MAX_BYTES, writeMaxBytes: MAX_BYTES };

export const LEAN: Subject = {
  name: "lean",
  open(address, interceptors = []) {
    const session = new SocketSession(address);
    return {
      transport: createLeanTransport(session, { ...LIMITS, interceptors }),
      close: () => {
        session.close();
      },
    };
  },
};
export const WITH_INTERCEPTOR: Subject = {
  name: "lean with an interceptor",
  open: (address, interceptors = []) => LEAN.open(address, [(next) => (request) => next(request), ...interceptors]),
};
export const CONNECT: Subject = {
  name: "Connect's own",
  open(address, interceptors = []) {
    const transport = createGenericTransport(address, { ...LIMITS, keepAlive: true, interceptors });
    return {
      transport,
      close: () => {
        transport.close();
      },
    };
  },
};

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export async function connect(
  subject: Subject,
  answer: (call: RawCall) => void | Promise<void>,
  interceptors?: readonly Interceptor[],
): Promise<Transport> {
  const server = await startRawGrpcServer(answer);
  const { transport, close } = subject.open(server.address, interceptors);
  cleanUps.push(async () => {
    close();
    await server[Symbol.asyncDispose]();
  });
  return transport;
}

/** How a call ended, without the words that each transport has of its own. */
export async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (reason) {
    if (reason instanceof ConnectError) return `ConnectError ${Code[reason.code]}`;
    return `not a ConnectError: ${String(reason)}`;
  }
}

export const VERSION: Uint8Array = toBinary(
  VersionResponseSchema,
  create(VersionResponseSchema, { version: "1.6.20" }),
);

export function piece(text: string): Uint8Array {
  return toBinary(ReadContentResponseSchema, create(ReadContentResponseSchema, { data: Buffer.from(text) }));
}

export async function unary(
  transport: Transport,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<string> {
  return (await createClient(Version, transport).version({}, options)).version;
}

export async function reading(
  transport: Transport,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<string[]> {
  const pieces: string[] = [];
  for await (const { data } of createClient(Content, transport).read({}, options))
    pieces.push(Buffer.from(data).toString());
  return pieces;
}

/** What happens on the wire, and how it looks to the caller, whichever transport is used. */
export interface Behaviour {
  readonly name: string;
  readonly answer: (call: RawCall) => void | Promise<void>;
  readonly act: (transport: Transport) => Promise<unknown>;
  readonly outcome: unknown;
}

export function ok(call: RawCall): void {
  call.respond();
  call.message(VERSION);
  call.end();
}

/** All of gRPC's codes but the good one. */
export const STATUSES: readonly number[] = Array.from({ length: 16 }, (_, index) => index + 1);

/** All that have to behave alike. */
export const SUBJECTS: readonly Subject[] = [LEAN, WITH_INTERCEPTOR, CONNECT];
