import { describe, expect, test } from "@jest/globals";
import { Code, createClient } from "@connectrpc/connect";
import { Content } from "../gen/containerd/services/content/v1/content_pb.js";
import {
  type Behaviour,
  connect,
  MAX_BYTES,
  ok,
  outcomeOf,
  STATUSES,
  SUBJECTS,
  unary,
  VERSION,
} from "../testing/grpc-subjects.js";

const BEHAVIOURS: readonly Behaviour[] = [
  { name: "an answer", answer: ok, act: unary, outcome: "1.6.20" },
  {
    name: "an answer in single bytes",
    answer: async (call) => {
      call.respond();
      const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, VERSION.length]), VERSION]);
      for (const byte of frame) await new Promise((resolve) => call.stream.write(Buffer.from([byte]), resolve));
      call.end();
    },
    act: unary,
    outcome: "1.6.20",
  },
  {
    name: "an empty message",
    answer: (call) => {
      call.respond();
      call.message(new Uint8Array());
      call.end();
    },
    act: unary,
    outcome: "",
  },
  ...STATUSES.map((status): Behaviour => ({
    name: `the status ${status} in the trailers`,
    answer: (call) => {
      call.respond();
      call.end({ "grpc-status": String(status), "grpc-message": "no" });
    },
    act: unary,
    outcome: `ConnectError ${String(Code[status])}`,
  })),
  ...STATUSES.map((status): Behaviour => ({
    name: `the status ${status} in a header alone`,
    answer: (call) => {
      call.trailersOnly({ "grpc-status": String(status) });
    },
    act: unary,
    outcome: `ConnectError ${String(Code[status])}`,
  })),
  {
    name: "an invented status",
    answer: (call) => {
      call.trailersOnly({ "grpc-status": "17" });
    },
    act: unary,
    outcome: "ConnectError Internal",
  },
  {
    name: "no status",
    answer: (call) => {
      call.respond();
      call.message(VERSION);
      call.end({});
    },
    act: unary,
    outcome: "ConnectError Internal",
  },
  {
    name: "no message",
    answer: (call) => {
      call.respond();
      call.end();
    },
    act: unary,
    outcome: "ConnectError Unimplemented",
  },
  {
    name: "no message in a header alone",
    answer: (call) => {
      call.trailersOnly({ "grpc-status": "0" });
    },
    act: unary,
    outcome: "ConnectError Unknown",
  },
  {
    name: "two messages",
    answer: (call) => {
      call.respond();
      call.message(VERSION);
      call.message(VERSION);
      call.end();
    },
    act: unary,
    outcome: "ConnectError Unimplemented",
  },
  {
    name: "half a message",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
      call.end();
    },
    act: unary,
    outcome: "ConnectError InvalidArgument",
  },
  {
    name: "a message that is none",
    answer: (call) => {
      call.respond();
      call.message(Buffer.from([0x0a, 0xff]));
      call.end();
    },
    act: unary,
    outcome: "ConnectError Internal",
  },
  {
    name: "a compressed message",
    answer: (call) => {
      call.respond();
      call.message(VERSION, 1);
      call.end();
    },
    act: unary,
    outcome: "ConnectError Internal",
  },
  {
    name: "a message that says it is larger than the limit",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 1, 0, 1]));
    },
    act: unary,
    outcome: "ConnectError ResourceExhausted",
  },
  {
    name: "a request larger than the limit",
    answer: ok,
    act: (transport) => createClient(Content, transport).info({ digest: "x".repeat(MAX_BYTES) }),
    outcome: "ConnectError ResourceExhausted",
  },
  ...(
    [
      [400, "Internal"],
      [401, "Unauthenticated"],
      [403, "PermissionDenied"],
      [404, "Unimplemented"],
      [429, "Unavailable"],
      [500, "Unknown"],
      [502, "Unavailable"],
      [503, "Unavailable"],
      [504, "Unavailable"],
    ] as const
  ).map(([status, code]): Behaviour => ({
    name: `HTTP ${status}`,
    answer: (call) => {
      call.stream.respond({ ":status": status }, { endStream: true });
    },
    act: unary,
    outcome: `ConnectError ${code}`,
  })),
  {
    name: "a web page",
    answer: (call) => {
      call.stream.respond({ ":status": 200, "content-type": "text/html" });
      call.stream.end("<html>");
    },
    act: unary,
    outcome: "ConnectError Unknown",
  },
  {
    name: "an encoding that was not offered",
    answer: (call) => {
      call.respond({ "grpc-encoding": "gzip" });
      call.end();
    },
    act: unary,
    outcome: "ConnectError Internal",
  },
  // gRPC has better names for some of these; Connect's own transport does not come to use them, and this one agrees with it.
  ...(
    [
      [0x2, "Internal"],
      [0x7, "Internal"],
      [0x8, "Canceled"],
      [0xb, "Internal"],
      [0xc, "Internal"],
    ] as const
  ).flatMap(([reset, code]): Behaviour[] => [
    {
      name: `a reset with ${reset} before the header`,
      answer: (call) => {
        call.stream.close(reset);
      },
      act: unary,
      outcome: `ConnectError ${code}`,
    },
    {
      name: `a reset with ${reset} behind the header`,
      answer: (call) => {
        call.respond();
        call.stream.write(Buffer.from([0, 0, 0, 0, 9, 1]), () => {
          call.stream.close(reset);
        });
      },
      act: unary,
      outcome: `ConnectError ${code}`,
    },
  ]),
  {
    name: "a connection that is cut before the header",
    answer: (call) => {
      call.socket.destroy();
    },
    act: unary,
    outcome: "ConnectError Aborted",
  },
  {
    name: "a connection that is cut within the answer",
    answer: (call) => {
      call.respond();
      call.stream.write(Buffer.from([0, 0, 0, 0, 9, 1]), () => {
        call.socket.destroy();
      });
    },
    act: unary,
    outcome: "ConnectError Aborted",
  },
  {
    name: "a connection that goes away and finishes what it has",
    answer: (call) => {
      call.stream.session?.goaway(0);
      ok(call);
    },
    act: unary,
    outcome: "1.6.20",
  },
  {
    name: "a connection that goes away at once",
    answer: (call) => {
      call.stream.session?.destroy();
    },
    act: unary,
    outcome: "ConnectError Aborted",
  },
  {
    name: "a deadline",
    answer: () => undefined,
    act: (transport) => unary(transport, { timeoutMs: 20 }),
    outcome: "ConnectError DeadlineExceeded",
  },
  {
    name: "a signal that is aborted already",
    answer: () => undefined,
    act: (transport) => unary(transport, { signal: AbortSignal.abort() }),
    outcome: "ConnectError Canceled",
  },
  {
    name: "a signal that is aborted with a reason of its own",
    answer: () => undefined,
    act: (transport) => unary(transport, { signal: AbortSignal.abort(new Error("no more")) }),
    outcome: "ConnectError Canceled",
  },
];

describe.each(SUBJECTS)("a unary call over the transport $name", (subject) => {
  test.each(BEHAVIOURS)("$name", async ({ answer, act, outcome }) => {
    expect(await outcomeOf(act(await connect(subject, answer)))).toEqual(outcome);
  });
});
